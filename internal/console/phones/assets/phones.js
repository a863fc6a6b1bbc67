// What handsets do in the browser beyond htmx: the keys of the PIN pad, the focus, and putting the phones down when the page is left.
"use strict";

(() => {
  const pinOf = (pad) => pad.closest("form").querySelector("[data-pin]");

  document.addEventListener("click", (e) => {
    const key = e.target.closest && e.target.closest("[data-key]");
    if (!key) return;
    const pin = pinOf(key);
    if (key.dataset.key === "back") pin.value = pin.value.slice(0, -1);
    else if (pin.value.length < pin.maxLength) pin.value += key.dataset.key;
  });

  // Digits and Escape work wherever the focus is on a phone that asks for a PIN.
  document.addEventListener("keydown", (e) => {
    const phone = e.target.closest && e.target.closest(".handset");
    const form = phone && (phone.querySelector(".prompt") || phone.querySelector(".step"));
    if (!form) return;
    if (e.key === "Escape" && form.querySelector("[data-escape]")) {
      form.requestSubmit(form.querySelector("[data-escape]"));
      return;
    }
    const pin = form.querySelector("[data-pin]");
    if (!pin || e.target.matches("input, select, textarea") || e.ctrlKey || e.metaKey || e.altKey) return;
    if (/^[0-9]$/.test(e.key) && pin.value.length < pin.maxLength) pin.value += e.key;
    if (e.key === "Backspace") pin.value = pin.value.slice(0, -1);
  });

  // The pad is of no use without this script. With it no other keyboard needs to come up on a touch screen.
  function ready(root) {
    for (const pad of root.querySelectorAll("[data-pad][hidden]")) {
      pad.hidden = false;
      pinOf(pad).inputMode = "none";
    }
  }

  // A prompt that comes up takes the focus, unless somebody is busy with something else.
  function attend(swapped) {
    ready(swapped);
    const phone = swapped.closest(".handset");
    const busy = document.activeElement;
    const elsewhere = busy && busy !== document.body && busy.closest(".handset, form") && !(phone && phone.contains(busy));
    const wanted = swapped.querySelector("[data-focus], [data-pin]");
    if (wanted && !elsewhere) wanted.focus({ preventScroll: true });
  }
  document.addEventListener("htmx:afterSettle", (e) => {
    const app = e.detail.elt.closest(".app");
    if (!app) return;
    app.scrollTop = 0;
    attend(app);
  });
  // The news that a prompt was answered may come before the answer to the answer, which then says what became of it and clears the prompt.
  document.addEventListener("htmx:beforeOnLoad", (e) => {
    if (e.detail.elt.matches(".prompt")) e.detail.elt.dataset.answered = "";
  });
  document.addEventListener("htmx:oobBeforeSwap", (e) => {
    if (e.detail.target.matches(".asks") && e.detail.target.querySelector(".prompt.htmx-request:not([data-answered])")) e.preventDefault();
    // What is there already stays: it may say what has just been done. So does what is being typed into the switches, until the next news.
    const shown = (root) => root.querySelector("[data-shown]")?.value;
    const there = shown(e.detail.target);
    if (there !== undefined && there === shown(e.detail.fragment) && !e.detail.target.querySelector("[data-answered]")) e.preventDefault();
    if (e.detail.target.closest(".panel") && e.detail.target.contains(document.activeElement)) e.preventDefault();
  });
  document.addEventListener("htmx:oobAfterSwap", (e) => {
    if (e.detail.target.matches(".asks")) attend(e.detail.target);
  });
  document.addEventListener("DOMContentLoaded", () => ready(document));
  if (document.readyState !== "loading") ready(document);

  // A page that is left puts its phones down, so that they answer as they were told to again, unless another page holds them: the name in
  // the form is this page's own.
  addEventListener("pagehide", () => {
    const holding = document.querySelector("#holding");
    if (!holding) return;
    const down = new URLSearchParams(new FormData(holding));
    down.set("seconds", "0");
    navigator.sendBeacon("/phones/hold", down);
  });
  addEventListener("pageshow", (e) => {
    const holding = document.querySelector("#holding");
    if (e.persisted && holding) htmx.trigger(holding, "hold");
  });
})();
