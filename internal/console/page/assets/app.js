// What the console's pages do in the browser beyond htmx. Everything hangs on attributes, so that parts which are swapped in later work
// like those that were there from the start. Live parts are in live.js.
//
//   data-copy="text" or data-copy-from="#id"   a button that copies
//   data-open="#id", data-close                open a dialog, close the one around
//   data-confirm="Really?"                     a form that asks first; data-confirm-button names the button
//   data-tabs                                  a list of buttons with aria-controls: shows one panel
//   data-hide                                  a secret's button: puts back what was there before it was shown
"use strict";

(() => {
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (event, selector, act) =>
    document.addEventListener(event, (e) => {
      const target = e.target.closest && e.target.closest(selector);
      if (target) act(target, e);
    });

  // --- the scheme of colours

  on("click", "[data-theme-switch]", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // It holds for this page then.
    }
  });

  // --- short messages

  function toast(text, bad) {
    if (all("#toasts .toast").some((t) => t.textContent === text)) return; // it is being said
    const t = document.createElement("div");
    t.className = bad ? "toast bad" : "toast";
    t.textContent = text;
    find("#toasts").append(t);
    setTimeout(() => t.remove(), bad ? 9000 : 4500);
  }
  all("#toasts .toast").forEach((t) => setTimeout(() => t.remove(), 6000));

  document.addEventListener("htmx:responseError", (e) => {
    if (e.detail.elt.matches("[data-live]") && e.detail.xhr.status >= 500) return; // it asks again
    const page = new DOMParser().parseFromString(e.detail.xhr.responseText, "text/html");
    const said = find(".problem p", page) || find("p", page);
    toast(said ? said.textContent : "Kivuko answered with HTTP " + e.detail.xhr.status + ".", true);
  });
  document.addEventListener("htmx:sendError", (e) => {
    const { verb, triggeringEvent } = e.detail.requestConfig;
    if (!triggeringEvent || triggeringEvent instanceof CustomEvent) return; // what asks by itself asks again
    toast("Kivuko can't be reached." + (verb === "get" ? "" : " It may have been done all the same."), true);
  });

  // --- copying

  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // over plain HTTP from another machine there is no clipboard
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  async function copied(button, text) {
    try {
      await copy(text);
    } catch {
      toast("The browser does not let the page copy.", true);
      return;
    }
    const label = find("[data-label]", button) || button;
    const before = label.textContent;
    if (before === "Copied") return;
    label.textContent = "Copied";
    button.classList.add("copied");
    setTimeout(() => {
      label.textContent = before;
      button.classList.remove("copied");
    }, 1500);
  }

  on("click", "[data-copy]", (button) => copied(button, button.dataset.copy));
  on("click", "[data-copy-from]", (button) => {
    const from = find(button.dataset.copyFrom);
    copied(button, from.value ?? from.textContent);
  });

  // --- secrets: fetched when they are asked for, gone again when they are hidden

  on("click", "[data-copy-secret]", async (button) => {
    const headers = { "HX-Request": "true", "HX-Target": "secret", "HX-Current-URL": location.href };
    const answer = await fetch(button.dataset.copySecret, { headers }).catch(() => null);
    const elsewhere = answer && answer.headers.get("HX-Redirect"); // to sign in
    if (elsewhere) {
      location.href = elsewhere;
      return;
    }
    if (!answer || !answer.ok) {
      toast("The secret could not be fetched.", true);
      return;
    }
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    copied(button, find("[data-secret]", part).textContent);
  });
  const covered = new Map(); // what stood where a secret is shown now, by id
  document.addEventListener("htmx:beforeSwap", (e) => {
    const box = e.detail.target;
    if (box && box.matches(".secret") && e.detail.shouldSwap) covered.set(box.id, box.outerHTML);
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    const hide = e.target.matches(".secret") && find("[data-hide]", e.target);
    if (hide) hide.focus(); // the link that was pressed is gone
  });
  on("click", "[data-hide]", (button) => {
    const box = button.closest(".secret");
    if (!covered.has(box.id)) {
      location.reload();
      return;
    }
    const part = document.createRange().createContextualFragment(covered.get(box.id));
    const fresh = part.firstElementChild;
    box.replaceWith(fresh);
    htmx.process(fresh);
    find("a", fresh).focus();
  });

  // --- dialogs

  on("click", "[data-open]", (button) => find(button.dataset.open).showModal());
  on("click", "[data-close]", (button) => button.closest("dialog").close());
  on("click", "dialog", (dialog, e) => {
    if (e.target === dialog) dialog.close(); // beside it
  });

  let asked = null; // the form that waits for an answer
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.dataset.sent || form.matches(".htmx-request")) {
      e.preventDefault(); // a double click
      e.stopPropagation();
      return;
    }
    if (form.dataset.confirm && asked !== form) {
      e.preventDefault();
      e.stopPropagation();
      ask(form, e.submitter);
      return;
    }
    asked = null;
    if (form.method === "post" && !form.matches("[hx-post]")) {
      form.dataset.sent = "true";
      if (e.submitter) e.submitter.setAttribute("aria-busy", "true");
      setTimeout(sendable, patience);
    }
  }, true);
  // A page that the browser brings back may be sent again, and so may one whose answer does not come. Kivuko does it once all the same.
  const patience = 10000; // milliseconds
  function sendable() {
    all("form[data-sent]").forEach((f) => delete f.dataset.sent);
    all("[aria-busy=true]").forEach((b) => b.removeAttribute("aria-busy"));
  }
  addEventListener("pageshow", sendable);

  function ask(form, submitter) {
    const dialog = find("#confirm");
    form.dataset.questioned = "true"; // nothing is swapped from under it: see live.js
    dialog.onclose = () => { delete form.dataset.questioned; };
    find("[data-question]", dialog).textContent = form.dataset.confirm;
    const yes = find("[data-yes]", dialog);
    yes.textContent = form.dataset.confirmButton || (submitter ? submitter.textContent : "Yes");
    yes.onclick = () => {
      dialog.close();
      asked = form;
      form.requestSubmit(submitter || undefined);
    };
    dialog.showModal();
  }

  // --- tabs

  function choose(tab) {
    for (const t of all("[role=tab]", tab.parentElement)) {
      const chosen = t === tab;
      t.setAttribute("aria-selected", chosen);
      t.tabIndex = chosen ? 0 : -1;
      document.getElementById(t.getAttribute("aria-controls")).hidden = !chosen;
    }
  }
  function prepareTabs(root) {
    for (const tabs of all("[data-tabs]", root)) {
      tabs.hidden = false;
      choose(find("[role=tab][aria-selected=true]", tabs) || find("[role=tab]", tabs));
    }
  }
  on("click", "[data-tabs] [role=tab]", choose);
  on("keydown", "[data-tabs] [role=tab]", (tab, e) => {
    const list = all("[role=tab]", tab.parentElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const next = list[(list.indexOf(tab) + step + list.length) % list.length];
    choose(next);
    next.focus();
  });

  // --- times that say how long ago they were, by the world's clock

  const ahead = () => Number(document.documentElement.dataset.now) - opened;
  const opened = Date.now();
  function ago(ms) {
    const s = Math.round((Date.now() + ahead() - ms) / 1000);
    if (s < 0) return s > -60 ? "in " + -s + " s" : null;
    if (s < 5) return "just now";
    if (s < 60) return s + " s ago";
    if (s < 3600) return Math.floor(s / 60) + " min ago";
    return null; // the hour says more
  }
  function tellAges(root = document) {
    for (const t of all("time[data-ago]", root)) {
      t.dataset.at ??= t.textContent;
      t.ariaLive = "off"; // a part that is read out is not read out again for its age
      t.textContent = ago(Date.parse(t.dateTime)) || t.dataset.at;
    }
  }
  setInterval(tellAges, 5000);

  // --- begin, and again for what is swapped in

  function prepare(root) {
    prepareTabs(root);
    tellAges(root);
  }
  document.addEventListener("htmx:load", (e) => prepare(e.detail.elt.parentElement || document));
  prepare(document);
  const place = find(".side [aria-current]"); // on a narrow screen the room's pages are a strip that scrolls
  if (place) place.scrollIntoView({ block: "nearest", inline: "center" });
})();
