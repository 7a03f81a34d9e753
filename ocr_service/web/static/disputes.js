// An approver settles fields that three people keyed differently.

import { watchConversion } from "./ime.js";

const said = document.getElementById("said");

function chosen(section) {
  const radio = section.querySelector("input[type=radio]:checked");
  if (!radio) {
    return undefined;
  }
  if (radio.dataset.illegible) {
    return { illegible: true };
  }
  const value = radio.dataset.other
    ? section.querySelector(".other").value.trim() || null
    : JSON.parse(radio.dataset.value);
  return { value };
}

async function decide(section) {
  const decision = chosen(section);
  if (decision === undefined) {
    section.querySelector("input[type=radio]:enabled").focus();
    return;
  }
  const answer = await fetch(`/api/v1/chips/${section.dataset.chip}/decision`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(decision),
  }).catch(() => null);
  if (answer?.ok) {
    const next = section.nextElementSibling;
    section.remove();
    said.textContent = said.dataset.kept;
    next?.querySelector("input, a")?.focus();
  } else {
    said.textContent = said.dataset.refused;
    said.classList.add("bad");
  }
}

for (const section of document.querySelectorAll(".dispute[data-chip]")) {
  const form = section.querySelector("form");
  const other = section.querySelector(".other");
  if (!form) {
    continue;
  }
  const isConverting = watchConversion(other);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    decide(section);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (!isConverting(event)) {
        decide(section);
      }
    } else if (event.target !== other && event.key >= "1" && event.key <= "3") {
      const radio = form.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
      radio.checked = true;
      radio.focus();
    }
  });
  other.addEventListener("focus", () => {
    form.querySelector("[data-other]").checked = true;
  });
}

document.querySelector(".dispute input[type=radio]:enabled")?.focus();
