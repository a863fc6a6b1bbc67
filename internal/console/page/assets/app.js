// What the console's pages do in the browser beyond htmx. Everything hangs on attributes, so that parts which are swapped in later work
// like those that were there from the start.
//
//   data-copy="text" or data-copy-from="#id"   a button that copies
//   data-open="#id", data-close                open a dialog, close the one around
//   data-confirm="Really?"                     a form that asks first; data-confirm-button names the button
//   data-live="topic topic"                    asks again (the event "live", for hx-trigger) when a topic has news
//   data-live-pause="4000"                     beside it: where there is news all the time, once in so many milliseconds
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
    const t = document.createElement("div");
    t.className = bad ? "toast bad" : "toast";
    t.textContent = text;
    find("#toasts").append(t);
    setTimeout(() => t.remove(), bad ? 9000 : 4500);
  }
  document.addEventListener("toast", (e) => toast(e.detail.value));
  all("#toasts .toast").forEach((t) => setTimeout(() => t.remove(), 6000));

  document.addEventListener("htmx:responseError", (e) => {
    const page = new DOMParser().parseFromString(e.detail.xhr.responseText, "text/html");
    const said = find(".problem p", page) || find("p", page);
    toast(said ? said.textContent : "Kivuko answered with HTTP " + e.detail.xhr.status + ".", true);
  });
  document.addEventListener("htmx:sendError", (e) => {
    if (!e.detail.elt.matches("[data-live]")) toast("Kivuko can't be reached. Nothing was sent.", true);
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
    const answer = await fetch(button.dataset.copySecret, { headers: { "HX-Request": "true", "HX-Target": "secret" } });
    if (!answer.ok) {
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
    if (form.dataset.sent) {
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
    }
  }, true);
  // A page that the browser brings back may be sent again.
  addEventListener("pageshow", () => {
    all("form[data-sent]").forEach((f) => delete f.dataset.sent);
    all("[aria-busy=true]").forEach((b) => b.removeAttribute("aria-busy"));
  });

  function ask(form, submitter) {
    const dialog = find("#confirm");
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
      t.textContent = ago(Date.parse(t.dateTime)) || t.dataset.at;
    }
  }
  setInterval(tellAges, 5000);

  // --- live parts: one stream for the whole page, for the topics that its parts name

  let stream = null, streamed = "", lost = false, late = 0;
  const line = () => find("#line");

  function show(state, text) {
    const l = line();
    if (!l) return;
    l.hidden = false;
    if (l.dataset.state === state) return;
    l.dataset.state = state;
    find("span", l).textContent = text;
  }

  const topics = () => [...new Set(all("[data-live]").flatMap((e) => e.dataset.live.split(/\s+/)).filter(Boolean))].sort();
  // A part with data-live-pause rests after it has asked: a moment, and twice as long each time that there was more meanwhile, up to so
  // many milliseconds. So what happens now and then is seen at once, and what happens all the time costs little.
  const moment = 250;
  const resting = new Map(); // by id: whether there has been more
  // What is asked for may be older than news that come meanwhile: then it is asked for once more.
  const asking = new Map(); // by id: whether there has been more
  document.addEventListener("htmx:beforeSend", (e) => {
    if (e.detail.elt.id && e.detail.elt.matches("[data-live]")) asking.set(e.detail.elt.id, false);
  });
  document.addEventListener("htmx:afterRequest", (e) => {
    const id = e.detail.requestConfig.elt.id, more = asking.get(id), part = document.getElementById(id);
    asking.delete(id);
    if (more && part) tell(part);
  });
  function tell(e, ms = moment) {
    if (asking.has(e.id)) {
      asking.set(e.id, true);
      return;
    }
    if (resting.has(e.id)) {
      resting.set(e.id, true);
      return;
    }
    const most = Number(e.dataset.livePause);
    if (most) rest(e.id, Math.min(ms, most));
    e.dispatchEvent(new CustomEvent("live", { bubbles: false }));
  }
  function rest(id, ms) {
    resting.set(id, false);
    setTimeout(() => {
      const more = resting.get(id), part = document.getElementById(id);
      resting.delete(id);
      if (more && part) tell(part, 2 * ms);
    }, ms);
  }

  function connect() {
    const wanted = document.hidden ? [] : topics(); // a page that nobody sees needs no news, and browsers have few connections
    const url = wanted.length ? "/events?" + wanted.map((t) => "topic=" + encodeURIComponent(t)).join("&") : "";
    if (url === streamed && stream) return;
    clearTimeout(late);
    if (stream) stream.close();
    stream = null;
    streamed = url;
    if (!url) return;
    stream = new EventSource(url);
    stream.addEventListener("ready", () => {
      show("live", "Live");
      all("[data-live]").forEach((e) => tell(e)); // something may have happened since the page was drawn, or while the line was down
      lost = hidden = false;
    });
    stream.onmessage = (e) => all("[data-live]").filter((x) => x.dataset.live.split(/\s+/).includes(e.data)).forEach((e) => tell(e));
    stream.onerror = () => {
      lost = true;
      show("lost", "Connection lost");
      if (stream.readyState === EventSource.CLOSED) {
        streamed = "";
        stream = null;
        late = setTimeout(connect, 2000);
      }
    };
  }
  let hidden = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hidden = true;
    connect();
  });
  addEventListener("pagehide", () => stream && stream.close());
  addEventListener("pageshow", (e) => {
    if (e.persisted) {
      streamed = "";
      hidden = true;
      connect();
    }
  });
  // While a button is pressed nothing is swapped from under it: the click would be lost. What came meanwhile is asked for once more.
  let pressed = false;
  const kept = new Set(); // ids
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const over of ["pointerup", "pointercancel"]) {
    document.addEventListener(over, () => setTimeout(() => {
      pressed = false;
      kept.forEach((id) => document.getElementById(id) && tell(document.getElementById(id)));
      kept.clear();
    }), true);
  }
  document.addEventListener("htmx:beforeSwap", (e) => {
    const part = e.detail.requestConfig.elt;
    if (!pressed || !part.matches("[data-live]")) return;
    e.detail.shouldSwap = false;
    kept.add(part.id);
  });
  // A part that is being filled in or read with the keyboard stays as it is until it is left.
  document.addEventListener("htmx:beforeRequest", (e) => {
    const event = e.detail.requestConfig.triggeringEvent;
    const part = e.detail.elt;
    if (event && event.type === "live" && part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) {
      e.preventDefault();
      part.addEventListener("focusout", () => tell(part), { once: true });
    }
  });

  // --- begin, and again for what is swapped in

  function prepare(root) {
    prepareTabs(root);
    tellAges(root);
  }
  // htmx hears of a part's events from then on, so the stream must not begin before.
  document.addEventListener("htmx:load", (e) => {
    prepare(e.detail.elt.parentElement || document);
    connect();
  });
  prepare(document);
  const place = find(".side [aria-current]"); // on a narrow screen the room's pages are a strip that scrolls
  if (place) place.scrollIntoView({ block: "nearest", inline: "center" });
})();
