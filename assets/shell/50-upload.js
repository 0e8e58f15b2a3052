// dcc.Upload gives its file input no name: it takes the one of its surroundings.
(() => {
  const name = () => {
    for (const input of document.querySelectorAll("[data-upload-label] input[type=file]:not([aria-label])")) {
      const around = /** @type {HTMLElement | null} */ (input.closest("[data-upload-label]"));
      input.setAttribute("aria-label", around?.dataset.uploadLabel ?? "");
      /** @type {HTMLInputElement} */ (input).tabIndex = -1; // the button beside it is the way by keyboard
    }
  };
  new MutationObserver(name).observe(document.body || document.documentElement, {childList: true, subtree: true});
})();
