// What cannot wait until the page is drawn.
"use strict";

// The scheme of colours that was chosen here.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's scheme holds.
}

// A page can be left before its other scripts run: live.js looks whether it was.
addEventListener("beforeunload", () => { document.documentElement.dataset.left = "true"; });
