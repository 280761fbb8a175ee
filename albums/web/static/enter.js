// The printed address leads on at once; without script there is the button.

const form = document.querySelector("form.enter");
// The token is in the form: it need not stay in the address bar, nor in the history.
history.replaceState(null, "", "/enter");
form.submit();
