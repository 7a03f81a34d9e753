// What became of an answer that was sent behind the scenes, shown on the desk it came from.

import { choose, say } from "./review_talk.js";

/** The issues that are about a field. */
export function about(field, issues) {
  return issues.filter((issue) => issue.fields.includes(field.key));
}

/** It was kept: the field shows what was stored, unless somebody types in it again already. */
export function done(desk, entry, answer) {
  if (!answer) {
    return;
  }
  desk.issues = answer.issues;
  const later = desk.outbox.entries.some((each) => each.key === entry.key);
  for (const field of desk.fields) {
    const waiting = desk.outbox.entries.some((each) => each.key === field.key);
    const mine = about(field, answer.issues);
    if (field.key === entry.key && !later) {
      const typing = field === desk.current && !field.pristine;
      if (typing) {
        field.saved = answer.field.value;
        field.source = answer.field;
      } else {
        field.kept(answer.field, mine, desk.blank);
        if (field === desk.current) {
          field.focus();
        }
      }
    } else if (!waiting) {
      field.judge(mine);
    }
  }
  desk.count();
}

/** It was not kept: somebody else was first, or the value does not do. */
export function failed(desk, entry, error) {
  const field = desk.byKey.get(entry.key);
  desk.history = desk.history.filter((key) => key !== entry.key);
  if (error.stale && entry.act === "answer") {
    compare(desk, field, entry, error.problem);
    return;
  }
  field?.judge(about(field, desk.issues));
  if (field && entry.act === "answer") {
    field.li.dataset.path = "true";
    field.li.dataset.state = "open";
    desk.go(field);
    field.entered = entry.value;
    field.pristine = false;
    field.refuse(say(`refusal.${error.problem.refusal}`) || error.message);
    if (!error.problem.refusal) {
      field.refuse(`${say("net.refused")} ${error.message}`);
    }
  }
  desk.count();
}

/** Both values side by side; whoever typed chooses. */
function compare(desk, field, entry, { current, by, at }) {
  field.li.dataset.state = "open";
  desk.go(field);
  const theirs = { text: field.words(current.value, desk.blank), by, at };
  choose(field, field.words(entry.value, desk.blank), theirs, (which) => {
    field.kept(current, about(field, desk.issues), desk.blank);
    if (which === "yours") {
      desk.history.push(entry.key);
      field.expect("human", field.words(entry.value, desk.blank));
      desk.outbox.push({ ...entry, base: current.value });
    }
    desk.count();
    desk.advance();
  });
}
