// Who asks first: blocks in sight at once, those below when these are filled, the counts beside filters' options last.
(() => {
  const {page} = salesReports;
  /** @type {string | null} */
  let asked = null; // the latest query

  /** @param {Element | null} section */
  const isInSight = (section) => {
    const {top, bottom} = section ? section.getBoundingClientRect() : {top: 0, bottom: 0};
    return top < window.innerHeight + 100 && bottom > -100;
  };

  /** @param {Element} section */
  const isWaiting = (section) =>
    section.querySelector(":scope > .block-body[data-dash-is-loading], :scope > .block-body > .skeleton") !== null;

  const sightFilled = async () => {
    for (let step = 0; step < 100; step += 1) {
      const sections = [...document.querySelectorAll("section.block")];
      if (step > 1 && !sections.some((section) => isInSight(section) && isWaiting(section))) return;
      await new Promise((done) => setTimeout(done, 40));
    }
  };

  page.offer("blocks", {
    /**
     * A block's turn to ask. A list that has its grid reloads itself.
     * @param {string} query
     * @param {Record<string, string>} id
     * @param {string | undefined} grid
     */
    async turn(query, id, grid) {
      if (grid) return page.noUpdate();
      asked = query;
      if (!isInSight(page.elementOf({...id, type: "block-section"}))) await sightFilled();
      return asked === query ? query : page.noUpdate();
    },
    /**
     * The query, once what people look at is there.
     * @param {string} query
     */
    async filled(query) {
      asked = query;
      await sightFilled();
      return asked === query ? query : page.noUpdate();
    },
  });
})();
