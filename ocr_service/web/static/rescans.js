// The list of sheets to scan again: take one off, or print it.

import { call } from "./review_api.js";

document.getElementById("print")?.addEventListener("click", () => window.print());
for (const button of document.querySelectorAll("[data-rescanned]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await call("POST", `/documents/${button.dataset.rescanned}/rescanned`);
    } finally {
      location.reload();
    }
  });
}
