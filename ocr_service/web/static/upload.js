// Sends chosen or dropped files one by one into a new batch and says what became of each.
// Without this script the form does the same in a single request.

const API = "/api/v1/batches";
const form = document.getElementById("upload");
const input = document.getElementById("files");
const drop = form.querySelector(".drop");
const list = document.getElementById("upload-files");
const summary = document.getElementById("upload-summary");
const button = form.querySelector("button.primary");
const words = form.dataset;
const reasons = JSON.parse(words.reasons);

/** One line of the list, with setters for its progress and outcome. */
function addLine(file) {
  const line = document.createElement("li");
  const name = document.createElement("span");
  name.className = "file";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const outcome = document.createElement("span");
  outcome.textContent = words.sending;
  line.append(name, bar, outcome);
  list.append(line);
  return {
    progress: (share) => { bar.value = share; },
    end: (text, good) => {
      bar.value = good ? 1 : bar.value;
      outcome.textContent = text;
      outcome.dataset.outcome = good ? "ok" : "bad";
    },
  };
}

async function openBatch() {
  const answer = await fetch(API, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: form.elements.name.value.trim() }),
  });
  if (!answer.ok) {
    throw new Error((await answer.json()).detail);
  }
  return (await answer.json()).id;
}

/** Send one file; resolves to {status, body} and never rejects for an answer of the server. */
function send(batch, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${API}/${batch}/files`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) {
        onProgress(event.loaded / event.total);
      }
    });
    request.addEventListener("load", () => {
      resolve({ status: request.status, body: request.response ?? {} });
    });
    request.addEventListener("error", () => reject(new Error(words.lost)));
    const body = new FormData();
    body.append("file", file);
    request.send(body);
  });
}

/** Send one file and show its outcome; the batch it is in, or null if it is in none. */
async function sendOne(batch, file) {
  const line = addLine(file);
  try {
    const { status, body } = await send(batch, file, line.progress);
    if (status === 202 || status === 200) {
      line.end(body.duplicate ? words.duplicate : words.sent, true);
      return body.batch;
    }
    line.end(`${words.refused}: ${reasons[body.code] ?? body.detail ?? status}`, false);
  } catch (error) {
    line.end(error.message, false);
  }
  return null;
}

function offer(batch) {
  const link = document.createElement("a");
  link.className = "button";
  link.href = `/batches/${batch}`;
  link.textContent = words.open;
  summary.replaceChildren(link);
  link.focus();
}

async function sendAll(files) {
  button.disabled = true;
  list.replaceChildren();
  summary.textContent = "";
  try {
    const batch = await openBatch();
    const places = [];
    for (const file of files) {
      places.push(await sendOne(batch, file));
    }
    if (places.every((place) => place === batch)) {
      location.assign(`/batches/${batch}`);
      return;
    }
    // Something was refused or came before: stay, so that it can be seen.
    const place = places.includes(batch) ? batch : places.find((found) => found !== null);
    if (place !== undefined) {
      offer(place);
    }
  } catch (error) {
    summary.textContent = error.message || words.lost;
  } finally {
    button.disabled = false;
  }
}

function tell() {
  const count = input.files.length;
  summary.textContent = count ? `${count} ${words.chosen}` : "";
}

input.addEventListener("change", tell);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.files.length) {
    sendAll([...input.files]);
  } else {
    summary.textContent = words.none;
  }
});

// Files dropped anywhere on the page are meant for the upload, never to be opened by the browser.
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) {
    drop.classList.remove("over");
  }
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer.files.length) {
    input.files = event.dataTransfer.files;
    tell();
    sendAll([...input.files]);
  }
});
