// Keys of the blind sample: digits mark a choice, Enter sends, F4 says that nobody can read it.

const form = document.getElementById("look");
const choices = form ? [...form.querySelectorAll("fieldset input")] : [];

function mark(key) {
  const found = key === "0" ? choices.find((box) => box.value === "") : choices[Number(key) - 1];
  if (found) {
    found.checked = found.type === "radio" || !found.checked;
    found.focus();
  }
}

form?.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  if (event.key === "F4") {
    event.preventDefault();
    document.getElementById("illegible").click();
  } else if (choices.length && /^[0-9]$/.test(event.key)) {
    event.preventDefault();
    mark(event.key);
  } else if (event.key === "Enter" && event.target.matches("fieldset input")) {
    event.preventDefault();
    form.requestSubmit();
  }
});
