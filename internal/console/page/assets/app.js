// What the console's pages do in the browser beyond htmx. Everything hangs on attributes, so that parts which are swapped in later work
// like those that were there from the start.
//
//   data-copy="text" or data-copy-from="#id"   a button that copies
//   data-open="#id", data-close                open a dialog, close the one around
//   data-confirm="Really?"                     a form that asks first; data-confirm-button names the button
//   data-live="topic topic"                    asks again (the event "live", for hx-trigger) when a topic has news; it needs an id
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
    if (!triggeringEvent || triggeringEvent.type === "live") return; // what asks by itself asks again
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
    const answer = await fetch(button.dataset.copySecret, { headers: { "HX-Request": "true", "HX-Target": "secret" } }).catch(() => null);
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

  let questioned = null; // the form that the question is about
  function ask(form, submitter) {
    const dialog = find("#confirm");
    questioned = form;
    dialog.onclose = () => { questioned = null; };
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

  // --- live parts: one stream for the whole page, for the topics that its parts name

  let stream = null, streamed = "", late = 0;
  const line = () => find("#line");

  function show(state, text) {
    const l = line();
    if (!l) return;
    l.hidden = false;
    const said = find("span", l);
    if (l.dataset.state === state && said.textContent === text) return;
    l.dataset.state = state;
    said.textContent = text;
  }

  const topicsOf = (part) => part.dataset.live.split(/\s+/).filter(Boolean);
  const parts = () => all("[data-live]");
  const news = new Map(); // by topic: when it last had some
  const heard = (topics) => topics.forEach((t) => news.set(t, performance.now()));

  // What is known of a part, by its id, since another element takes its place each time:
  //   asking  the element whose request is on its way. When something else has replaced that, its answer goes nowhere.
  //   resting it has asked just now
  //   more    it has had news since it was asked for
  //   failed  its last request did
  const states = new Map();
  const stateOf = (part) => states.get(part.id) || states.set(part.id, {}).get(part.id);

  // A part with data-live-pause rests after it has asked: a moment, and twice as long each time that there was more meanwhile, up to so
  // many milliseconds. So what happens now and then is seen at once, and what happens all the time costs little.
  const moment = 250;
  const again = 4000; // milliseconds after which a part whose request failed asks once more
  const longest = 30000; // milliseconds that a part waits for an answer
  function tell(part, ms = moment) {
    const s = stateOf(part), most = Number(part.dataset.livePause);
    s.more = true;
    if (s.asking && s.asking.isConnected || s.resting || inHand(part)) return;
    s.more = false;
    if (most) rest(part, Math.min(ms, most));
    part.dispatchEvent(new CustomEvent("live", { bubbles: false }));
  }
  function rest(part, ms) {
    const s = stateOf(part), id = part.id;
    s.resting = true;
    setTimeout(() => {
      s.resting = false;
      askForMore(id, 2 * ms);
    }, ms);
  }
  function askForMore(id, ms) {
    const part = document.getElementById(id);
    if (part && stateOf(part).more) tell(part, ms);
  }

  const sent = new WeakMap(); // when requests were sent
  document.addEventListener("htmx:configRequest", (e) => {
    if (e.detail.elt.matches("[data-live]")) e.detail.timeout = longest;
  });
  document.addEventListener("htmx:beforeSend", (e) => {
    sent.set(e.detail.xhr, performance.now());
    if (e.detail.elt.matches("[data-live]")) stateOf(e.detail.elt).asking = e.detail.elt;
  });
  document.addEventListener("htmx:afterRequest", (e) => {
    const xhr = e.detail.xhr, from = e.detail.requestConfig.elt;
    if (!from.matches("[data-live]")) {
      // Its answer may be older than news that came while it was on its way, and have replaced what showed them.
      const since = (part) => topicsOf(part).some((t) => news.get(t) > sent.get(xhr));
      if (from.getAttribute("hx-swap") !== "none") parts().filter(since).forEach((part) => tell(part));
      return;
    }
    const s = stateOf(from);
    s.asking = null;
    s.failed = !e.detail.successful && (xhr.status === 0 || xhr.status >= 500);
    if (s.failed) {
      s.more = true;
      rest(from, again);
    }
    if (stream && stream.readyState === EventSource.OPEN) {
      if (parts().some((part) => stateOf(part).failed)) show("lost", "Not up to date");
      else show("live", "Live");
    }
    askForMore(from.id);
  });

  function connect() {
    const topics = [...new Set(parts().flatMap(topicsOf))].sort();
    const wanted = document.hidden ? [] : topics; // a page that nobody sees needs no news, and browsers have few connections
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
      heard(wanted); // something may have happened since the page was drawn, or while the line was down
      parts().forEach((part) => tell(part));
    });
    stream.onmessage = (e) => {
      heard([e.data]);
      parts().filter((part) => topicsOf(part).includes(e.data)).forEach((part) => tell(part));
    };
    stream.onerror = () => {
      show("lost", "Connection lost");
      if (stream.readyState === EventSource.CLOSED) {
        streamed = "";
        stream = null;
        late = setTimeout(connect, 2000);
      }
    };
  }
  document.addEventListener("visibilitychange", connect);
  addEventListener("pagehide", () => stream && stream.close());
  addEventListener("pageshow", (e) => {
    if (e.persisted) {
      streamed = "";
      connect();
    }
  });

  // Nothing is swapped from under one's hands: while a button is pressed, since the click would be lost; while a field is filled in, or a
  // dialog of the part is open; and where it says why a form was refused. It is asked for once the part is let go of.
  let pressed = false;
  function inHand(part) {
    const focus = document.activeElement;
    return pressed || part.contains(focus) && focus.matches("input, select, textarea") || part.contains(questioned) || find("dialog[open], .refusal, .wrong", part);
  }
  const letGo = () => setTimeout(() => parts().forEach((part) => askForMore(part.id))); // after the click, and once the focus has moved on
  function release() {
    pressed = false;
    letGo();
  }
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const over of ["pointerup", "pointercancel", "contextmenu"]) document.addEventListener(over, () => setTimeout(release), true);
  document.addEventListener("pointermove", (e) => { if (pressed && !e.buttons) release(); }, true); // it was let go where no page sees it
  document.addEventListener("focusout", letGo);
  document.addEventListener("close", letGo, true); // of a dialog

  const left = new Map(); // by id of a part: what goes on in what takes its place
  document.addEventListener("htmx:beforeSwap", (e) => {
    const part = e.detail.requestConfig.elt;
    if (!part.matches("[data-live]") || !e.detail.shouldSwap) return;
    if (inHand(part)) {
      e.detail.shouldSwap = false;
      stateOf(part).more = true;
      return;
    }
    left.set(part.id, leave(part));
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    const id = e.detail.requestConfig.elt.id, part = document.getElementById(id), goOn = left.get(id);
    left.delete(id);
    if (goOn && part) goOn(part);
  });

  // leave notes what somebody has typed, unfolded and scrolled in a part, and where in it he is.
  function leave(part) {
    const fields = all("input:not([type=file]), textarea", part), folds = all("details", part), focus = document.activeElement;
    const boxes = all(".table-box, pre", part).map((e) => [e.scrollLeft, e.scrollTop]);
    const inside = focus !== document.body && part.contains(focus);
    const outside = (e) => e.cloneNode(e.matches("a, button")); // of a box only what it is itself
    return (fresh) => {
      const each = (old, selector, act) => {
        const now = all(selector, fresh);
        if (now.length === old.length) old.forEach((was, i) => act(now[i], was));
      };
      each(fields, "input:not([type=file]), textarea", (e, was) => { if (e.name === was.name && was.value !== was.defaultValue) e.value = was.value; });
      each(folds, "details", (e, was) => { e.open = was.open; });
      each(boxes, ".table-box, pre", (e, was) => e.scrollTo(...was));
      const same = inside && !focus.isConnected ? all(focus.tagName, fresh).filter((e) => outside(e).isEqualNode(outside(focus))) : [];
      if (same.length === 1) same[0].focus({ preventScroll: true });
    };
  }

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
