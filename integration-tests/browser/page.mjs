// The console as a person finds their way in it. The names are those of
// "Names that tests rely on" in console-web/DESIGN.md.

export const field = (page) => page.getByRole("textbox", { name: "Message", exact: true });
export const transcript = (page) => page.getByRole("log");
export const messages = (page, role) => transcript(page).locator(`article[data-role="${role}"]`);
export const reply = (page) => messages(page, "assistant").last();
export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const conversations = (page) => page.getByRole("list", { name: "Conversations" });

export const send = async (page, text) => {
  await field(page).fill(text);
  await button(page, "Send").click();
};

/** Waits for the newest reply to have this text and state. */
export const replied = async (page, text, state) => {
  const wanted = page.locator(`[role=log] article[data-role="assistant"][data-state="${state}"]`, { hasText: text });
  await wanted.last().waitFor();
};

/** Sends a message and waits for its whole reply. */
export const talk = async (page, text, answer) => {
  await send(page, text);
  await replied(page, answer, "completed");
};

/** Signs in with a token instead of a launch link. */
export const signIn = async (page, token) => {
  await page.getByLabel("Access token").fill(token);
  await button(page, "Sign in").click();
};

/** Resolves once `question` answers with true in the page. */
export const until = (page, question, argument) => page.waitForFunction(question, argument, { polling: "raf" });

/** By how many pixels the page is wider than the window. */
export const tooWide = async (page) => {
  const { width } = page.viewportSize();
  // A phone zooms out of a page that is too wide, and takes its width for the window's.
  const seen = await page.evaluate(() => Math.max(innerWidth, document.scrollingElement.scrollWidth));
  return Math.max(0, seen - width);
};

/** Opens a page by its path and waits for what it has to say. */
export const visit = async (page, path, language) => {
  await page.goto(path);
  await page.locator(`html[lang=${language}] main`).waitFor();
  await page.waitForFunction(() => {
    const main = document.querySelector("main");
    return main.innerText.trim() !== "" && main.querySelector(".state-loading") === null;
  });
};
