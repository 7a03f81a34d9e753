// Screens of crops from the server, fetched with their pictures before they are wanted.

/** Show each tile its part of a picture that many share; the addresses of these pictures. */
export function dress(screen) {
  const { width, height } = screen.dataset;
  const sprites = JSON.parse(screen.dataset.sprites);
  for (const tile of screen.querySelectorAll(".tile")) {
    const pic = tile.querySelector(".pic");
    pic.style.width = `${width}px`;
    pic.style.height = `${height}px`;
    tile.style.maxWidth = `${Number(width) + 4}px`;
    pic.style.backgroundImage = `url("${sprites[tile.dataset.sprite]}")`;
    pic.style.backgroundPositionY = `${-height * tile.dataset.row}px`;
  }
  return sprites;
}

/** The screen that begins so many crops behind the first. */
export async function fetchScreen(address, offset) {
  const answer = await fetch(`${address}&fragment=1&offset=${offset}`);
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const screen = holder.content.querySelector(".group-screen");
  for (const sprite of dress(screen)) {
    new Image().src = sprite;
  }
  return screen;
}

export async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  return answer.json();
}
