// The review page: puts its parts together.

import { Flow } from "./review_next.js";
import { listen } from "./review_keys.js";

const sheet = document.querySelector(".sheet");
const flow = new Flow(sheet);
listen(flow);

addEventListener("online", () => flow.desk.outbox.resume());
document.addEventListener("visibilitychange", () => document.hidden || flow.desk.outbox.resume());
