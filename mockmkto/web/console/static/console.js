// What must be live: copying, the theme, calls that arrive, rows that are added. Every page can be read without it.
"use strict";

const token = () => document.querySelector("input[name=token_of_form]")?.value ?? "";

// Only a script can do these: without one they are not shown.
for (const element of document.querySelectorAll("[data-copy], [data-copy-from], [data-theme-toggle], [data-add-row], [data-cancel]")) {
  element.hidden = false;
}

// What a dry run says stands below its form.
document.querySelector("#result")?.scrollIntoView();

// On a phone not every page's name is to be seen at once: that of this page is.
const pages = document.querySelector(".top nav");
const here = pages?.querySelector("[aria-current]");
if (here) pages.scrollLeft = here.offsetLeft - pages.offsetLeft - (pages.clientWidth - here.clientWidth) / 2;

// ---------------------------------------------------------------------------------------------------------------------
// Copying

async function textOf(button) {
  if (button.dataset.copy) return document.querySelector(button.dataset.copy).textContent;
  const body = new URLSearchParams({ token_of_form: token(), what: button.dataset.what });
  const answer = await fetch(button.dataset.copyFrom, { method: "POST", body });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.text();
}

function putOnClipboard(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // over plain http there is no clipboard but this
  area.value = text;
  area.className = "away";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done ? Promise.resolve() : Promise.reject(new Error("not allowed"));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const label = button.dataset.label ?? (button.dataset.label = button.textContent);
  try {
    await putOnClipboard(await textOf(button));
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied";
  }
  button.focus();
  setTimeout(() => { button.textContent = label; }, 1600);
});

// ---------------------------------------------------------------------------------------------------------------------
// Light and dark

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const now = root.dataset.theme === "system" ? system : root.dataset.theme;
  root.dataset.theme = now === "dark" ? "light" : "dark";
  document.cookie = `mockmkto_theme=${root.dataset.theme}; path=/; max-age=31536000; SameSite=Lax`;
});

// ---------------------------------------------------------------------------------------------------------------------
// Menus: one is open at a time, and Escape closes it

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".menu[open]")) return;
  for (const menu of document.querySelectorAll(".menu[open]")) if (menu !== event.target) menu.open = false;
}, true);
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("click", (event) => {
  const menu = event.target.closest("[data-cancel]")?.closest(".menu");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// ---------------------------------------------------------------------------------------------------------------------
// Rows of attributes

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-row]");
  if (!button) return;
  const rows = button.previousElementSibling;
  const row = rows.lastElementChild.cloneNode(true);
  for (const field of row.querySelectorAll("input, textarea")) field.value = "";
  rows.append(row);
  row.querySelector("input").focus();
});

// ---------------------------------------------------------------------------------------------------------------------
// Calls that arrive

const live = document.querySelector("tbody[data-live]");
if (live) {
  const table = live.closest("[data-calls]");
  const empty = document.querySelector("[data-empty]");
  let last = Number(live.dataset.last);
  const look = async () => {
    if (document.hidden) { await new Promise((done) => setTimeout(done, 500)); return; }
    const address = new URL(live.dataset.live, location.href);
    address.searchParams.set("after", last);
    address.searchParams.set("wait", "1"); // the server answers as soon as a call comes
    const begun = performance.now();
    const answer = await fetch(address);
    if (answer.status !== 200 && performance.now() - begun < 500) { // it does not wait: too many do
      await new Promise((done) => setTimeout(done, 1000));
    }
    last = Number(answer.headers.get("X-Last-Call") ?? last);
    if (answer.status !== 200) return;
    const rows = document.createElement("template");
    rows.innerHTML = `<table><tbody>${await answer.text()}</tbody></table>`; // the server has escaped every value
    for (const row of rows.content.querySelectorAll("tr")) row.classList.add("fresh");
    live.prepend(...rows.content.querySelectorAll("tr"));
    while (live.children.length > 500) live.lastElementChild.remove();
    table.hidden = false;
    empty?.remove();
  };
  const again = () => look().then(() => setTimeout(again, 0), () => setTimeout(again, 1000));
  const begin = () => (document.hidden ? setTimeout(begin, 500) : again());
  begin();
}
