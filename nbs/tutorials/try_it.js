// A trained classifier in the reader's browser: one affine map, one trigonometric polynomial, one logistic function.
// Its numbers stand in the page (element try_it_data), written by Python together with values to check against.
(() => {
  const data = JSON.parse(document.getElementById("try_it_data").textContent);
  const place = document.getElementById("try_it");
  const SIDE = 14, ZOOM = 16;

  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

  function steps(picture, turned) {  // 196 pixels in [0, 1], four radians: everything on the way to the answer
    const features = data.matrix.map((row, i) => dot(row, picture) + data.offset[i]);
    const angles = features.map((x, i) => data.feature_scale * x + turned[i]);
    let answer = 0;
    data.frequencies.forEach((k, term) => {
      const phase = dot(k, angles);
      answer += data.cosines[term] * Math.cos(phase) + data.sines[term] * Math.sin(phase);
    });
    const first = 1 / (1 + Math.exp(-data.logit_scale * answer));
    return { features, angles, answer, outputs: [first, 1 - first] };
  }

  window.pageCheck = () => {  // the same numbers as Python's, and a page that follows its controls
    const problems = [];
    data.checks.forEach(({ picture, turned, answer }, i) => {
      const error = Math.abs(steps(data.pictures[picture], turned).answer - answer);
      if (!(error < 1e-6)) problems.push(`case ${i}: the answer is off by ${error}`);
    });
    const before = said.textContent;
    sliders[0].value = "1.5";
    sliders[0].dispatchEvent(new Event("input"));
    if (said.textContent === before) problems.push("turning a phase changes nothing");
    clear.click();
    if (ink.some((value) => value !== 0)) problems.push("clearing leaves ink");
    choose(0);
    return problems;
  };

  const make = (tag, parent, text = "", attributes = {}) => {
    const node = document.createElement(tag);
    node.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    parent.append(node);
    return node;
  };

  place.textContent = "";
  let ink = data.pictures[0].slice();
  const row = make("div", place, "", { class: "try-row" });
  const canvas = make("canvas", row, "", { width: SIDE * ZOOM, height: SIDE * ZOOM, role: "img",
    "aria-label": "The picture, 14 by 14 pixels; draw on it with mouse or finger" });
  const side = make("div", row);
  const picks = make("p", side, "Pick one: ");
  data.pictures.forEach((_, i) => {
    make("button", picks, data.labels[i], { type: "button", class: "try-pick", "aria-label": `picture ${i + 1}, a ${data.labels[i]}` })
      .addEventListener("click", () => choose(i));
  });
  const clear = make("button", side, "Clear, and draw", { type: "button", class: "try-pick" });
  const sliders = [0, 1, 2, 3].map((i) => {
    const label = make("label", side, `turn angle ${i}: `, { class: "try-turn" });
    return make("input", label, "", { type: "range", min: -3.15, max: 3.15, step: 0.05, value: 0 });
  });
  const reset = make("button", side, "Turn back", { type: "button", class: "try-pick" });
  const said = make("pre", place, "", { "aria-live": "polite" });
  const bars = [0, 1].map((i) => make("div", place, "", { class: "try-bar" }));

  const number = (value) => value.toFixed(3).padStart(7);
  function show() {
    const pen = canvas.getContext("2d");
    ink.forEach((value, i) => {
      const grey = Math.round(255 * (1 - value));
      pen.fillStyle = `rgb(${grey},${grey},${grey})`;
      pen.fillRect((i % SIDE) * ZOOM, Math.floor(i / SIDE) * ZOOM, ZOOM, ZOOM);
    });
    const found = steps(ink, sliders.map((slider) => Number(slider.value)));
    said.textContent = `features ${found.features.map(number).join(" ")}\nangles   ${found.angles.map(number).join(" ")}\n`
      + `answer   ${number(found.answer)}   (between -1 and 1)`;
    bars.forEach((bar, i) => {
      bar.textContent = `output ${i}, mostly ${data.names[i]}: ${found.outputs[i].toFixed(3)}`;
      bar.style.setProperty("--share", `${100 * found.outputs[i]}%`);
    });
  }

  function choose(i) { ink = data.pictures[i].slice(); sliders.forEach((slider) => { slider.value = 0; }); show(); }
  function draw(event) {
    if (!event.buttons) return;
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * SIDE, y = (event.clientY - box.top) / box.height * SIDE;
    ink = ink.map((value, i) => {
      const far = Math.hypot((i % SIDE) + 0.5 - x, Math.floor(i / SIDE) + 0.5 - y);
      return Math.min(1, value + Math.max(0, 1 - far / 1.6));
    });
    show();
  }
  canvas.addEventListener("pointerdown", draw);
  canvas.addEventListener("pointermove", draw);
  clear.addEventListener("click", () => { ink = ink.map(() => 0); show(); });
  reset.addEventListener("click", () => { sliders.forEach((slider) => { slider.value = 0; }); show(); });
  sliders.forEach((slider) => slider.addEventListener("input", show));
  show();
})();
