// Cells of lists of records: links to cards, an act.
(() => {
  /**
   * @param {string} href
   * @param {string} label
   * @param {string} [key]
   */
  const link = (href, label, key) => {
    const h = window.React.createElement;
    const arrow = h("span", {className: "card-arrow", "aria-hidden": "true"}, "\u00a0↗");
    return h("a", {href, key, target: "_blank", rel: "noopener noreferrer", className: "card-link"}, label, arrow);
  };

  /** @param {{data?: Record<string, string>, link: string, value: string}} props ``link``: the column of the address */
  const CardLink = (props) => {
    const href = props.data?.[props.link];
    return href ? link(href, props.value) : props.value ?? "";
  };

  /**
   * An own field of several values, those that lead somewhere as links.
   * @param {{data?: Record<string, [text: string, url: string][]>, parts: string, value: string}} props
   */
  const FieldLinks = (props) => {
    const parts = props.data?.[props.parts];
    if (!parts) return props.value ?? "";
    const h = window.React.createElement;
    return h("span", null, parts.map(([text, url], n) =>
      h("span", {key: n}, n ? "; " : "", /^https?:\/\//.test(url) ? link(url, text) : text)));
  };

  /** @param {{value?: {name: string, key: string, label: string, spoken: string}}} props */
  const Act = ({value: act}) => {
    if (!act) return "";
    const h = window.React.createElement;
    const icon = act.name === "snooze" ? "bi bi-alarm" : "bi bi-arrow-counterclockwise";
    const target = {"data-act": act.name, "data-key": act.key, "aria-label": act.spoken, title: act.label};
    return h("button", {type: "button", className: "button button-small act", ...target},
      h("i", {className: icon, "aria-hidden": "true"}), h("span", {className: "act-label"}, act.label));
  };

  /** @param {{data?: {contact_url?: string, company_url?: string}}} props */
  const ClientLinks = ({data}) => {
    const {contact_url: contact, company_url: company} = data || {};
    const {isRussian} = salesReports.page;
    return window.React.createElement("span", {className: "client-links"}, [
      company && link(company, isRussian ? "комп." : "comp.", "company"),
      contact && link(contact, isRussian ? "контакт" : "contact", "contact"),
    ]);
  };

  /**
   * A record on a phone: everything of its row that a person acts on.
   * @param {{data?: Record<string, any>, amount: string | null, words: string[], facts: [id: string, label: string][]}} props
   */
  const RecordCard = ({data, amount, words, facts}) => {
    const h = window.React.createElement;
    if (!data) return h("div", {className: "record-card is-waiting"});
    const known = (/** @type {string} */ name) => (/[\p{L}\p{N}]/u.test(data[name] ?? "") ? data[name] : null);
    const title = data.url ? link(data.url, data.title ?? data.id) : data.title ?? data.id;
    const beside = facts.filter(([name]) => known(name)).map(([name, label]) =>
      h("span", {key: name, className: "record-fact"}, `${label}: `, h("b", null, data[name])));
    return h("div", {className: "record-card"},
      h("div", {className: "record-title"}, title),
      h("div", {className: "record-amount"}, amount ? known(amount) : null),
      h("div", {className: "record-words"}, words.map(known).filter(Boolean).join(" · ")),
      h("div", {className: "record-facts"}, beside),
      h("div", {className: "record-acts"}, ClientLinks({data}), Act({value: data.act})));
  };

  window.dashAgGridComponentFunctions = {
    ...window.dashAgGridComponentFunctions, CardLink, FieldLinks, Act, ClientLinks, RecordCard,
  };
})();
