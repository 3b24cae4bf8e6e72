/* Tells the sign-up by whose clock quiet hours and digests go. Without it they go by UTC, until set. */
for (const field of document.querySelectorAll("[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}
