// A page that no record was made of: turn it, put four marks on the paper's corners, read it again.

import { call } from "./review_api.js";

const bench = document.getElementById("bench");
const facts = document.getElementById("mend");
const STEP = 0.002;
const LEAP = 0.02;
const WHOLE = [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]];

let turns = 0;
let corners = WHOLE.map((point) => [...point]); // as shown, 0 to 1
let size = { w: 1, h: 1 }; // of the picture as it came
const useCorners = document.getElementById("use-corners");

const shown = () => (turns % 2 ? { w: size.h, h: size.w } : size);
const clamp = (value) => Math.min(Math.max(value, 0), 1);

/** Where a point of the turned picture lies on the scan as it came. */
export function onScan([u, v], quarters) {
  return [[u, v], [v, 1 - u], [1 - u, 1 - v], [1 - v, u]][quarters];
}

function draw() {
  const { w, h } = shown();
  bench.setAttribute("viewBox", `0 0 ${w} ${h}`);
  const moves = ["", `translate(${w} 0)`, `translate(${w} ${h})`, `translate(0 ${h})`];
  document.getElementById("turned").setAttribute("transform", `${moves[turns]} rotate(${turns * 90})`);
  bench.classList.toggle("cornered", Boolean(useCorners?.checked));
  const points = corners.map(([x, y]) => [x * w, y * h]);
  document.getElementById("outline").setAttribute("points", points.join(" "));
  bench.querySelectorAll(".corner").forEach((circle, index) => {
    circle.setAttribute("cx", points[index][0]);
    circle.setAttribute("cy", points[index][1]);
    circle.setAttribute("r", Math.max(w, h) / 70);
  });
}

function turn(by) {
  turns = (turns + by + 4) % 4;
  corners = WHOLE.map((point) => [...point]);
  draw();
}

function move(index, x, y) {
  corners[index] = [clamp(x), clamp(y)];
  useCorners.checked = true;
  draw();
}

function dragging(circle, index) {
  circle.addEventListener("pointerdown", (event) => {
    circle.setPointerCapture(event.pointerId);
    event.preventDefault();
    circle.focus();
  });
  circle.addEventListener("pointermove", (event) => {
    if (!circle.hasPointerCapture(event.pointerId)) {
      return;
    }
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(bench.getScreenCTM().inverse());
    move(index, at.x / shown().w, at.y / shown().h);
  });
  circle.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (way) {
      event.preventDefault();
      const far = event.shiftKey ? LEAP : STEP;
      move(index, corners[index][0] + way[0] * far, corners[index][1] + way[1] * far);
    }
  });
}

function refuse(words) {
  document.getElementById("refused").textContent = words;
}

async function act(path, body) {
  refuse("");
  const { document: id, version } = facts.dataset;
  try {
    await call("POST", `/documents/${id}/${path}`, { body, version });
  } catch (error) {
    refuse(error.message);
    return false;
  }
  return true;
}

const DEEDS = {
  async place() {
    const template = document.getElementById("form").value || null;
    const placed = useCorners?.checked ? corners.map((point) => onScan(point, turns)) : null;
    if (await act("place", { turns, corners: placed, template })) {
      location.assign(`/documents/${facts.dataset.document}`);
    }
  },
  async key() {
    const template = document.getElementById("form").value;
    if (!template) {
      refuse(facts.dataset.needForm);
    } else if (await act("key", { template })) {
      location.assign(`/review/${facts.dataset.document}`);
    }
  },
  rescan: () => withReason("rescan"),
  discard: () => withReason("discard"),
};

async function withReason(path) {
  const why = document.getElementById("why");
  const reason = why.value.trim();
  if (!reason) {
    refuse(facts.dataset.needReason);
    why.focus();
  } else if (await act(path, { reason })) {
    location.assign("/queue");
  }
}

for (const button of facts.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => DEEDS[button.dataset.do]());
}
if (bench) {
  const picture = new Image();
  picture.src = bench.dataset.picture;
  await picture.decode();
  size = { w: picture.naturalWidth, h: picture.naturalHeight };
  const shot = document.getElementById("shot");
  shot.setAttribute("width", size.w);
  shot.setAttribute("height", size.h);
  shot.setAttribute("href", picture.src);
  bench.querySelectorAll(".corner").forEach(dragging);
  document.getElementById("turn-left")?.addEventListener("click", () => turn(-1));
  document.getElementById("turn-right")?.addEventListener("click", () => turn(1));
  useCorners?.addEventListener("change", draw);
  draw();
  bench.dataset.ready = "true";
}
