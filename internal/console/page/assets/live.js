// Live parts: what a page shows of the world is asked for again when there is news of it. One stream for the whole page tells of the
// topics that its parts name.
//
//   data-live="topic topic"     asks again (the event "live", for hx-trigger) when a topic has news; it needs an id
//   data-live-pause="4000"      beside it: where there is news all the time, once in so many milliseconds
"use strict";

(() => {
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

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
  const again = 2000; // milliseconds after which what failed is asked for once more
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
    if (byItself(e.detail)) e.detail.headers["Kivuko-Live"] = "1"; // it doesn't have a session last longer
    if (e.detail.elt.matches("[data-live]")) e.detail.timeout = longest;
  });
  document.addEventListener("htmx:beforeRequest", (e) => {
    if (!byItself(e.detail.requestConfig)) return;
    if (leaving) e.preventDefault();
    else unasked.add(e.detail.xhr);
  });
  document.addEventListener("htmx:beforeSend", (e) => {
    sent.set(e.detail.xhr, performance.now());
    if (e.detail.elt.matches("[data-live]")) stateOf(e.detail.elt).asking = e.detail.elt;
  });
  document.addEventListener("htmx:beforeOnLoad", (e) => {
    const xhr = e.detail.xhr;
    unasked.delete(xhr);
    if (xhr.getResponseHeader("HX-Redirect")) depart();
  });
  document.addEventListener("htmx:afterRequest", (e) => {
    const xhr = e.detail.xhr, from = e.detail.requestConfig.elt;
    unasked.delete(xhr);
    if (!from.matches("[data-live]")) {
      // Its answer may be older than news that came while it was on its way, and have replaced what showed them.
      const since = (part) => topicsOf(part).some((t) => news.get(t) > sent.get(xhr));
      if (from.getAttribute("hx-swap") !== "none") parts().filter(since).forEach((part) => tell(part));
      return;
    }
    const s = stateOf(from);
    s.asking = null;
    if (leaving) return;
    s.failed = !e.detail.successful && (xhr.status === 0 || xhr.status >= 500);
    if (!s.failed) connect();
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
    const wanted = document.hidden || leaving ? [] : topics; // a page that nobody sees needs no news, and browsers have few connections
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
      if (stream.readyState === EventSource.CLOSED) late = setTimeout(askWhy, again);
    };
  }
  // A stream that was refused does not say why. A part is told: that the session is over; or else how things are, and the stream begins anew.
  function askWhy() {
    streamed = "";
    stream = null;
    const part = parts().find((part) => !inHand(part));
    if (part) tell(part);
    else late = setTimeout(askWhy, again);
  }
  document.addEventListener("visibilitychange", connect);

  // A page that is left asks for nothing more by itself: not while its successor is on its way, which may be what a sign-out leads to, and
  // not once an answer has led elsewhere, to the sign-in. So a session that is over is told to the stream and to one part.
  const unasked = new Set(); // requests on their way that nobody asked for
  const byItself = ({ triggeringEvent: e }) => !e || e instanceof CustomEvent;
  const patience = 10000; // milliseconds after which a page that is still there is not being left: the browser was stopped
  let leaving = 0; // timer; 0: the page stays
  function depart() {
    clearTimeout(leaving);
    leaving = setTimeout(stay, patience);
    connect();
    unasked.forEach((xhr) => xhr.abort());
  }
  function stay() {
    clearTimeout(leaving);
    leaving = 0;
    delete document.documentElement.dataset.left;
    connect();
  }
  addEventListener("beforeunload", depart);
  addEventListener("pagehide", depart);
  addEventListener("pageshow", (e) => { if (e.persisted) stay(); });
  if (document.documentElement.dataset.left) depart();

  // Nothing is swapped from under one's hands: while a button is pressed, since the click would be lost; while a field is filled in, or a
  // dialog of the part is open; and where it says why a form was refused. It is asked for once the part is let go of.
  let pressed = false;
  function inHand(part) {
    const focus = document.activeElement;
    return pressed || part.contains(focus) && focus.matches("input, select, textarea") || find("dialog[open], .refusal, .wrong, [data-questioned]", part);
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

  // leave notes what somebody has typed, unfolded and scrolled in a part, and where in it they are.
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

  // htmx hears of a part's events from then on, so the stream must not begin before.
  document.addEventListener("htmx:load", connect);
})();
