// A block's picture: one PNG with its title, what was asked, its charts with the words around them as they look on the page, and the source.
(() => {
  const {page} = salesReports;
  const EDGE = 24; // px around everything
  const SCALE = 2;
  const UNSEEN = ".hoverlayer, defs, .visually-hidden, button, details, .block-notes";
  const MARKS = ".swatch, .dot, .legend-mark, .legend-line";

  /** @typedef {{block: DashId, name: string, title: string, asked: string[], source: string}} Told what the server says of a block */

  /**
   * A chart without its words: a picture inside a picture has none of the page's fonts.
   * @param {PlotlyGraph} graph
   */
  const chart = async (graph) => {
    const figure = {data: graph.data, layout: graph.layout, config: {locale: document.documentElement.lang}};
    const url = await window.Plotly?.toImage(figure, {format: "svg", width: graph.clientWidth, height: graph.clientHeight});
    const svg = decodeURIComponent((url ?? "").replace(/^data:image\/svg\+xml,/, ""));
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(svg.replace(/<text[\s\S]*?<\/text>/g, ""))}`;
    await image.decode();
    return image;
  };

  /**
   * The lines of a text as they are broken on the page.
   * @param {Text} node
   */
  const linesOf = (node) => {
    /** @type {{text: string, box: DOMRect}[]} */
    const lines = [];
    const range = document.createRange();
    for (const {0: word, index = 0} of node.data.matchAll(/\S+/g)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const box = range.getBoundingClientRect();
      const last = lines.at(-1);
      if (last && Math.abs(last.box.top - box.top) < 3) last.text += ` ${word}`;
      else lines.push({text: word, box});
    }
    return lines.filter(({box}) => box.width > 0);
  };

  /**
   * @param {CanvasRenderingContext2D} paper
   * @param {Element} body
   */
  const words = (paper, body) => {
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = /** @type {Text} */ (walker.currentNode);
      const around = node.parentElement;
      if (!around || !node.data.trim() || around.closest(UNSEEN)) continue;
      const {fontStyle, fontWeight, fontSize, fontFamily, color, fill} = getComputedStyle(around);
      const font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
      const drawn = around.closest("text");
      const {a = 1, b = 0} = drawn?.getScreenCTM() ?? {};
      const {left, width} = around.getBoundingClientRect();
      Object.assign(paper, {font, fillStyle: drawn ? fill : color, textBaseline: "middle"});
      for (const {text, box} of linesOf(node)) {
        paper.save();
        if (b) { // the title of an axis
          paper.translate(box.left + box.width / 2, box.top + box.height / 2);
          paper.rotate(Math.atan2(b, a));
          paper.textAlign = "center";
          paper.fillText(text, 0, 0);
        } else {
          paper.beginPath();
          if (!drawn) paper.rect(left - 1, box.top - 4, width + 2, box.height + 8);
          if (!drawn) paper.clip(); // a name the page cuts is cut here
          paper.fillText(text, box.left, box.top + box.height / 2);
        }
        paper.restore();
      }
    }
  };

  /**
   * The little shapes of a legend.
   * @param {CanvasRenderingContext2D} paper
   * @param {Element} mark
   */
  const shape = (paper, mark) => {
    const whole = mark.getBoundingClientRect();
    for (const part of [null, "::before", "::after"]) {
      const style = getComputedStyle(mark, part);
      if (part && style.content === "none") continue;
      const [left, top, width, height, line] = [style.left, style.top, style.width, style.height, style.borderTopWidth].map(parseFloat);
      const box = part ? {x: whole.x + left, y: whole.y + top, width, height} : whole;
      paper.beginPath();
      paper.roundRect(box.x, box.y, box.width || 0, box.height || 0, Math.min(parseFloat(style.borderRadius) || 0, box.width / 2));
      paper.fillStyle = style.backgroundColor;
      paper.fill();
      const [hatch] = style.backgroundImage.match(/rgba?\([^)]*\)/) ?? [];
      if (hatch) {
        paper.save();
        paper.clip();
        Object.assign(paper, {strokeStyle: hatch, lineWidth: 2});
        for (let at = -box.height; at < box.width; at += 4) {
          paper.stroke(new Path2D(`M${box.x + at} ${box.y + box.height}l${box.height} ${-box.height}`));
        }
        paper.restore();
      }
      if (!line) continue;
      Object.assign(paper, {strokeStyle: style.borderTopColor, fillStyle: style.borderTopColor, lineWidth: line});
      if (parseFloat(style.borderLeftWidth)) paper.stroke();
      else {
        const dash = {dotted: [line, line], dashed: [3 * line, 2 * line]}[style.borderTopStyle] ?? [];
        paper.setLineDash(dash);
        paper.stroke(new Path2D(`M${box.x} ${box.y + line / 2}h${box.width}`));
        paper.setLineDash([]);
      }
    }
  };

  /**
   * A text broken to a width.
   * @param {CanvasRenderingContext2D} paper
   * @param {string} text
   * @param {number} width
   */
  const broken = (paper, text, width) => text.split(" ").reduce((/** @type {string[]} */ lines, word) => {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (!lines.length || paper.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
    return lines;
  }, []);

  /**
   * @param {Told} told
   * @param {Element} body
   */
  const draw = async (told, body) => {
    const {color, fontFamily: family} = getComputedStyle(document.body);
    const ground = getComputedStyle(body.closest("section") ?? document.body).backgroundColor;
    const quiet = getComputedStyle(document.documentElement).getPropertyValue("--ink-2").trim() || color;
    const {left, top, width, height} = (body.querySelector(".view > div, .view") ?? body).getBoundingClientRect();
    const canvas = document.createElement("canvas");
    const paper = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const fonts = {title: `600 17px ${family}`, small: `12.5px ${family}`};
    paper.font = fonts.title;
    const title = broken(paper, told.title, width);
    paper.font = fonts.small;
    const asked = told.asked.flatMap((line) => broken(paper, line, width));
    const source = broken(paper, told.source, width);
    const head = EDGE + title.length * 24 + asked.length * 19 + 12;
    canvas.width = (width + 2 * EDGE) * SCALE;
    canvas.height = (head + height + 16 + source.length * 19 + EDGE - 6) * SCALE;
    paper.scale(SCALE, SCALE);
    paper.fillStyle = ground;
    paper.fillRect(0, 0, canvas.width, canvas.height);
    let y = EDGE;
    /** @param {string[]} lines @param {string} font @param {string} colour @param {number} step */
    const write = (lines, font, colour, step) => {
      Object.assign(paper, {font, fillStyle: colour, textBaseline: "top"});
      for (const line of lines) {
        paper.fillText(line, EDGE, y);
        y += step;
      }
    };
    write(title, fonts.title, color, 24);
    write(asked, fonts.small, quiet, 19);
    y = head + height + 16;
    write(source, fonts.small, quiet, 19);
    paper.translate(EDGE - left, head - top); // from here as on the page
    for (const graph of /** @type {NodeListOf<PlotlyGraph>} */ (body.querySelectorAll(".js-plotly-plot"))) {
      const box = graph.getBoundingClientRect();
      paper.drawImage(await chart(graph), box.x, box.y, box.width, box.height);
    }
    for (const mark of body.querySelectorAll(MARKS)) shape(paper, mark);
    words(paper, body);
    return canvas;
  };

  page.offer("blocks", {
    /** @param {Told | null} told */
    async picture(told) {
      const body = told && page.elementOf(told.block);
      if (!body) return page.noUpdate();
      const canvas = await draw(told, body);
      const file = await new Promise((done) => canvas.toBlob(done, "image/png"));
      const link = Object.assign(document.createElement("a"), {href: URL.createObjectURL(file), download: told.name});
      link.click();
      URL.revokeObjectURL(link.href);
      return page.noUpdate();
    },
    /** @param {number | null} clicks */
    pressed: (clicks) => String(Boolean((clicks || 0) % 2)),
  });
})();
