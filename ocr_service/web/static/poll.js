// Asks once a second for the part of a page that changes while workers read, until they are done.
// The server renders it; nothing is computed here.

const PAUSE_MS = 1000;
const PAUSE_AFTER_ERROR_MS = 5000;

/** Whether the fragment says that nothing will change any more. */
export function isSettled(element) {
  return element.querySelector("[data-settled]")?.dataset.settled !== "false";
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function refresh(place) {
  const answer = await fetch(place.dataset.poll, {
    redirect: "error",
    headers: { "X-Background": "1" }, // nobody is at work: keeps no session alive
  });
  if (!answer.ok) {
    throw new Error(`the server answered ${answer.status}`);
  }
  const fragment = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  if (fragment.innerHTML.trim() !== place.dataset.shown) {
    // Somebody may be reading: keep the focus where it was.
    const focused = place.contains(document.activeElement)
      ? document.activeElement.getAttribute("href")
      : null;
    place.dataset.shown = fragment.innerHTML.trim();
    place.replaceChildren(...fragment.childNodes);
    if (focused) {
      place.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    }
  }
}

async function poll(place) {
  while (!isSettled(place)) {
    await wait(document.hidden ? PAUSE_AFTER_ERROR_MS : PAUSE_MS);
    try {
      await refresh(place);
    } catch {
      // The network or the server is away for a moment; the next round tells.
      await wait(PAUSE_AFTER_ERROR_MS);
    }
  }
  if (place.dataset.reload) {
    location.reload();
  }
}

const place = document.getElementById("progress");
if (place && !isSettled(place)) {
  poll(place);
}
