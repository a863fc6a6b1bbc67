// Finds things in a page as a person would. Each function answers {Found: …} or {Problem: why there is nothing yet}.
const visible = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0;
const words = (e) => (e.innerText || e.value || e.getAttribute("aria-label") || "").replace(/\s+/g, " ").trim();
const within = (scope) => (scope ? document.querySelector(scope) : document.querySelector("dialog:modal") || document.body);

// those are the visible elements with a CSS selector, the scope's own among them.
const those = (scope, selector) => {
  const root = within(scope);
  return root ? [root, ...root.querySelectorAll("*")].filter((e) => e.matches(selector) && visible(e)) : [];
};

// beingSent tells whether an element's form is on its way. What is done to it meanwhile, its answer replaces.
const beingSent = (e) => e.closest("form.htmx-request");

// point is where to click on an element: its middle, when nothing lies over it.
function point(e) {
  if (e.disabled) return { Problem: "it is disabled" };
  if (beingSent(e)) return { Problem: "its form is being sent" };
  e.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = e.getClientRects()[0];
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const top = document.elementFromPoint(x, y);
  if (!top || !(e.contains(top) || top.contains(e))) {
    return { Problem: "it is covered by " + (top ? top.outerHTML.slice(0, 200) : "nothing that can be clicked") };
  }
  return { Found: { X: x, Y: y } };
}

function clickable(scope, text) {
  const root = within(scope);
  if (!root) return { Problem: "there is no " + scope };
  const all = [...root.querySelectorAll("button, a, summary, label, [role=tab], input[type=submit]")].filter(visible);
  const e = all.find((e) => words(e) === text) || all.find((e) => e.getAttribute("aria-label") === text) || all.find((e) => words(e).includes(text));
  return e ? point(e) : { Problem: "there is no such thing among " + all.map(words).join(" | ").slice(0, 500) };
}

function selected(scope, selector) {
  const [e] = those(scope, selector);
  return e ? point(e) : { Problem: "there is none" };
}

function fieldOf(scope, name) {
  const root = within(scope);
  if (!root) return null;
  const fields = [...root.querySelectorAll("input, select, textarea")].filter((e) => e.type !== "hidden" && visible(e));
  return fields.find((e) => e.name === name) || fields.find((e) => [...(e.labels || [])].some((l) => words(l) === name));
}

function focus(scope, name, text) {
  if (document.readyState !== "complete") return { Problem: "the page is still loading" }; // nothing would hear what is typed
  const e = fieldOf(scope, name);
  if (!e) return { Problem: "there is no such field" };
  if (e.disabled || e.readOnly) return { Problem: "it can't be changed" };
  if (beingSent(e)) return { Problem: "its form is being sent" };
  if (e.tagName === "SELECT") {
    const option = [...e.options].find((o) => o.value === text) || [...e.options].find((o) => o.label.trim() === text);
    if (!option) return { Problem: "there is no such choice among " + [...e.options].map((o) => o.value).join(" | ") };
    e.value = option.value;
    e.dispatchEvent(new Event("input", { bubbles: true }));
    e.dispatchEvent(new Event("change", { bubbles: true }));
    return { Found: "chosen" };
  }
  if (e.type === "date" || e.type === "datetime-local" || e.type === "range") {
    e.value = text;
    e.dispatchEvent(new Event("input", { bubbles: true }));
    e.dispatchEvent(new Event("change", { bubbles: true }));
    return { Found: "chosen" };
  }
  e.scrollIntoView({ block: "center", behavior: "instant" });
  e.focus();
  e.select();
  if (text === "" && e.value !== "") {
    document.execCommand("delete");
  }
  return { Found: "focused" };
}

function valueOf(scope, name) {
  const e = fieldOf(scope, name);
  return e ? { Found: e.value } : { Problem: "there is no such field" };
}

function showsText(scope, text) {
  const root = within(scope);
  return root && root.innerText.replace(/\s+/g, " ").includes(text) ? { Found: true } : { Problem: "it isn't there" };
}

function address(scope, part) {
  return location.href.includes(part) ? { Found: true } : { Problem: "it is " + location.href };
}

function hidesText(scope, text) {
  const root = within(scope);
  return root && !root.innerText.replace(/\s+/g, " ").includes(text) ? { Found: true } : { Problem: "it is there" };
}

function textOf(scope, selector) {
  const [e] = those(scope, selector);
  return e ? { Found: words(e) } : { Problem: "there is none" };
}

// layout lists what is wrong with how the page is laid out and worded: overflow, fields without a label, faint text.
function layout() {
  if (!document.doctype) return { Found: [] }; // a part of a page, by itself
  const wrong = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    const wide = [...document.body.querySelectorAll("*")].filter((e) => visible(e) && e.getBoundingClientRect().right > width + 1 && !scrolls(e));
    wrong.push("it is " + document.documentElement.scrollWidth + " px wide: " + wide.slice(-3).map(name).join(", "));
  }
  for (const e of document.querySelectorAll("input, select, textarea, button, a[href]")) {
    if (e.type === "hidden" || !visible(e)) continue;
    const label = [...(e.labels || [])].map(words).join("") || e.getAttribute("aria-label") || (e.matches("button, a") && (words(e) || e.title));
    if (!label) wrong.push(name(e) + " has no name");
  }
  for (const e of document.querySelectorAll("[data-live]:not([id])")) wrong.push(name(e) + " is live and has no id");
  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) {
    if (ids.has(e.id)) wrong.push("the id " + e.id + " is there twice");
    ids.add(e.id);
  }
  return { Found: wrong.concat(faint()) };
}

const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className ? "." + String(e.className.baseVal ?? e.className).replace(/ /g, ".") : "");

// scrolls tells whether an element lies in a box that scrolls by itself.
function scrolls(e) {
  for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
    if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(p).overflowX)) return true;
  }
  return false;
}

// faint lists texts whose contrast is below what WCAG 2.2 AA asks for.
function faint() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (css) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = css;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (e) => {
    const layers = [];
    for (let p = e; p; p = p.parentElement) layers.push(rgba(getComputedStyle(p).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), rgba("Canvas"));
  };
  const wrong = new Map();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !visible(e) || e.closest("[disabled], svg, [aria-hidden=true]")) continue;
    const style = getComputedStyle(e), back = behind(e);
    const [a, b] = [light(over(rgba(style.color), back)), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) wrong.set(name(e), name(e) + " is faint: " + ratio.toFixed(2) + ", " + walk.currentNode.data.trim().slice(0, 30));
  }
  return [...wrong.values()];
}
