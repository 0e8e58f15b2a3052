// A session that ended while its page stood open: one calm message with the way back, no error of a callback. The server answers 401.
(() => {
  const UPDATE = "_dash-update-component";
  const WORDS = salesReports.page.isRussian
    ? {said: "Вы вышли – войдите снова.", why: "Сеанс закончился. Страница откроется там же, где вы сейчас.", enter: "Войти"}
    : {said: "You are signed out: sign in again.", why: "The session has ended. The page opens where you are now.", enter: "Sign in"};
  let said = false;

  const say = () => {
    if (said) return;
    said = true;
    const here = window.location.pathname + window.location.search;
    const box = document.createElement("div");
    box.className = "signed-out";
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-labelledby", "signed-out-title");
    const card = document.createElement("div");
    card.className = "signed-out-card";
    const title = document.createElement("h2");
    title.id = "signed-out-title";
    title.textContent = WORDS.said;
    const why = document.createElement("p");
    why.textContent = WORDS.why;
    const link = document.createElement("a");
    link.className = "button button-primary";
    link.href = "/sign-in?next=" + encodeURIComponent(here);
    link.textContent = WORDS.enter;
    card.append(title, why, link);
    box.append(card);
    document.body.append(box);
    link.focus();
  };

  const ask = window.fetch.bind(window);
  window.fetch = async (input, options) => {
    const response = await ask(input, options);
    const address = new URL(input instanceof Request ? input.url : String(input), window.location.href);
    if (response.status !== 401 || address.origin !== window.location.origin) return response;
    say();
    return address.pathname.endsWith(UPDATE) ? new Response(null, {status: 204}) : response; // to the renderer: nothing changes
  };
})();
