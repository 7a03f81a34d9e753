// What is said of a screen that was sent: how many were kept, and which were not.

const status = document.getElementById("said");
const trouble = document.getElementById("trouble");

/** Say something below the crops; "" says nothing. */
export function tell(word) {
  status.textContent = word ? status.dataset[word] : "";
}

/** Say that something went wrong; null takes it back. */
export function warn(word) {
  if (word) {
    trouble.replaceChildren(trouble.dataset[word]);
  }
  trouble.hidden = !word;
}

/** Say what was kept of a screen. */
export function report(outcome, cells) {
  const said = [`${outcome.crops} ${status.dataset.saved}`];
  if (outcome.postponed) {
    said.push(`${outcome.postponed} ${status.dataset.postponed}`);
  }
  if (cells && outcome.fields) {
    said.push(`${outcome.fields} ${status.dataset.fields}`);
  }
  status.textContent = said.join("、");
  complain(outcome.refused);
}

/** Name the documents of crops that were not taken. */
export function complain(refused) {
  if (!refused.length) {
    return;
  }
  const list = document.createElement("ul");
  for (const one of refused) {
    const line = document.createElement("li");
    line.textContent = `${trouble.dataset[one.why]} `;
    if (one.document !== null) {
      const link = document.createElement("a");
      link.href = `/documents/${one.document}`;
      link.target = "_blank";
      link.textContent = `${trouble.dataset.document} ${one.document}`;
      line.append(link);
    }
    list.append(line);
  }
  trouble.replaceChildren(`${refused.length} ${trouble.dataset.refused}`, list);
  trouble.hidden = false;
}
