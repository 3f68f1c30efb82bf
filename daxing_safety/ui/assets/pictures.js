// A figure as a picture to take away, with its title and its note: made in the browser, which has
// the fonts, and always on white, for paper. What is drawn again is what stands on the screen.
(function () {
  "use strict";

  var DRAWING = ".js-plotly-plot, .drawing";
  var SCALE = 2; // pixels of the picture for one of the screen
  var LOOK =
    ".sheet { box-sizing: border-box; padding: 20px 24px; background: #fff; color: #1a2638;" +
    "  font: 16px/1.5 'Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC', sans-serif; }" +
    ".sheet *, .sheet { box-sizing: border-box; }" +
    ".sheet a { color: inherit; text-decoration: none; }" +
    ".sheet .finding { margin: 0; font-size: 18px; }" +
    ".sheet .note { margin: 0 0 12px; font-size: 13px; }" +
    ".sheet .from { margin: 12px 0 0; font-size: 12px; opacity: 0.7; }" +
    ".sheet .plot-container { height: auto !important; }" +
    ".sheet .svg-container { position: relative; }" +
    ".sheet .main-svg { position: absolute; top: 0; left: 0; overflow: visible; }" +
    ".sheet .hoverlayer, .sheet .modebar-container { display: none; }" +
    ".sheet a.tile { display: flex; }";

  function ownStyle() {
    var link = document.querySelector('link[href$="assets/panels.css"]');
    return Array.from(link.sheet.cssRules, function (rule) { return rule.cssText; }).join("\n");
  }

  // The drawing that a menu belongs to: in its own box of HTML, or the next one below it.
  function drawingOf(menu) {
    var box = menu.closest('[data-testid="stHtml"]');
    var shown = function (each) { return each.checkVisibility(); };
    var within = box && Array.from(box.querySelectorAll(DRAWING)).find(shown);
    return within || Array.from(document.querySelectorAll(DRAWING)).find(function (each) {
      var follows = menu.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING;
      return follows && shown(each);
    });
  }

  function textElement(name, className, text) {
    var element = document.createElement(name);
    element.className = className;
    element.textContent = text;
    return element;
  }

  function sheetOf(menu, drawing) {
    var heading = menu.closest(".heading");
    var sheet = document.createElement("div");
    sheet.className = "sheet";
    sheet.style.width = Math.ceil(drawing.getBoundingClientRect().width) + 48 + "px";
    // Cards have no title of their own on the screen.
    if (menu.dataset.title) {
      sheet.append(textElement("h3", "finding", menu.dataset.title));
      sheet.append(textElement("p", "note", menu.dataset.note));
    }
    heading.querySelectorAll(".finding, .note, .footnote").forEach(function (each) {
      var name = each.matches(".finding") ? "finding" : "note";
      sheet.append(textElement(name === "finding" ? "h3" : "p", name, each.textContent));
    });
    sheet.append(drawing.cloneNode(true));
    var banner = document.querySelector(".st-key-banner");
    var from = "大兴创安工作台" + (banner ? "　" + banner.textContent.trim() : "");
    sheet.append(textElement("p", "from", from));
    return sheet;
  }

  // Measured in a window as wide as the picture, apart from the page, whose style it will not have.
  function heightOf(sheet, style, width) {
    var frame = document.createElement("iframe");
    frame.style.cssText = "position: fixed; left: -10000px; top: 0; border: 0; height: 10px;";
    frame.style.width = width + "px";
    document.body.append(frame);
    var inside = frame.contentDocument;
    inside.body.style.margin = "0";
    inside.body.append(style.cloneNode(true), sheet.cloneNode(true));
    var height = Math.ceil(inside.querySelector(".sheet").getBoundingClientRect().height);
    frame.remove();
    return height;
  }

  function asSvg(sheet, style, width, height) {
    var holder = document.createElement("div");
    holder.append(style, sheet);
    return (
      '<svg xmlns="http://www.w3.org/2000/svg" width="' + width + '" height="' + height + '">' +
      '<foreignObject width="100%" height="100%">' +
      new XMLSerializer().serializeToString(holder) +
      "</foreignObject></svg>"
    );
  }

  function save(blob, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name + ".png";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  function take(menu) {
    var drawing = drawingOf(menu);
    var style = document.createElement("style");
    style.textContent = ownStyle() + "\n" + LOOK;
    var sheet = sheetOf(menu, drawing);
    var title = (sheet.querySelector(".finding") || {}).textContent || document.title;
    var width = Math.ceil(parseFloat(sheet.style.width));
    var height = heightOf(sheet, style, width);
    var picture = new Image();
    picture.onload = function () {
      var canvas = document.createElement("canvas");
      canvas.width = width * SCALE;
      canvas.height = height * SCALE;
      var pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) { save(blob, title.replace(/[\\/:*?"<>|]/g, "_")); });
    };
    picture.src =
      "data:image/svg+xml;charset=utf-8," + encodeURIComponent(asSvg(sheet, style, width, height));
  }

  document.addEventListener("click", function (event) {
    var menu = event.target.closest && event.target.closest("details.take");
    document.querySelectorAll("details.take[open]").forEach(function (each) {
      if (each !== menu || event.target.closest("button, a")) {
        each.open = false;
      }
    });
    if (menu && event.target.closest('[data-take="picture"]')) {
      take(menu);
    }
  });
})();
