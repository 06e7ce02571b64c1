// Before the first paint, so that the page never shows in the other theme. It is
// a file because the content-security-policy allows no inline script; the rest
// is in src/theme/theme.ts.
try {
  const theme = localStorage.getItem("banto.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage is forbidden: the system's theme it is.
}
