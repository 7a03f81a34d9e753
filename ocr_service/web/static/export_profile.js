// Shows what a layout would write while it is being changed. The server lints and renders;
// nothing is computed here, and nothing is kept until somebody saves.

const WAIT_MS = 500;
const form = document.getElementById("definition");
const text = document.getElementById("text");
const batch = document.getElementById("batch");
const place = document.getElementById("look");
const button = document.getElementById("refresh");

let timer = 0;
let asked = 0;

async function look() {
  const number = ++asked;
  place.setAttribute("aria-busy", "true");
  const body = new URLSearchParams({ text: text.value, batch: batch.value });
  try {
    const answer = await fetch(form.dataset.look, { method: "POST", body, redirect: "error" });
    // An answer that was overtaken by a newer question says nothing any more.
    if (answer.ok && number === asked) {
      place.innerHTML = await answer.text();
    }
  } finally {
    if (number === asked) {
      place.removeAttribute("aria-busy");
    }
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
}

text.addEventListener("input", soon);
batch.addEventListener("change", look);
button.addEventListener("click", look);
button.hidden = false;

text.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    look();
  }
});
