// All scenarios by name. A scenario is a function, or `{ options, play }` when
// it wants another browser than the usual one.

import * as access from "./access.mjs";
import * as accessibility from "./accessibility.mjs";
import * as benchmark from "./benchmark.mjs";
import * as chat from "./chat.mjs";
import * as connection from "./connection.mjs";
import * as drafts from "./drafts.mjs";
import * as frame from "./frame.mjs";
import * as keyboard from "./keyboard.mjs";
import * as pages from "./pages.mjs";
import * as performance from "./performance.mjs";
import * as phone from "./phone.mjs";
import * as planPages from "./plan-pages.mjs";
import * as plans from "./plans.mjs";
import * as preferences from "./preferences.mjs";
import * as taskPages from "./task-pages.mjs";
import * as tasks from "./tasks.mjs";

const all = { ...access, ...accessibility, ...benchmark, ...chat, ...connection, ...drafts, ...frame, ...keyboard, ...pages, ...performance, ...phone, ...planPages, ...plans, ...preferences, ...taskPages, ...tasks };

export function find(name) {
  const scenario = all[name];
  if (scenario === undefined) {
    throw new Error(`there is no scenario ${name}`);
  }
  return typeof scenario === "function" ? { play: scenario, options: {} } : scenario;
}
