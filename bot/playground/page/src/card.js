// Adaptive Cards, drawn by Microsoft's renderer in Teams' colours, with the charts that Teams adds to it.
import * as AC from "adaptivecards";

const HUES = {
  good: "var(--chart-good)",
  warning: "var(--chart-warning)",
  attention: "var(--chart-attention)",
  neutral: "var(--chart-neutral)",
  categoricalMarigold: "var(--chart-marigold)",
};

// Teams' chart of stacked bars; no version of Adaptive Cards has it.
class StackedBars extends AC.CardElement {
  static JsonTypeName = "Chart.HorizontalBar.Stacked";

  getJsonTypeName() {
    return StackedBars.JsonTypeName;
  }

  internalParse(source, context) {
    super.internalParse(source, context);
    this.chart = source;
  }

  internalRender() {
    const figure = element("figure", "chart");
    figure.append(element("figcaption", "", this.chart.title ?? ""));
    const legend = new Map();
    for (const bar of this.chart.data ?? []) {
      const track = element("div", "chart-track");
      track.setAttribute("role", "img");
      track.setAttribute("aria-label", `${bar.title}: ${bar.data.map((each) => `${each.legend} ${each.value}`).join(", ")}`);
      for (const each of bar.data) {
        const piece = element("span", "chart-piece");
        piece.style.flexGrow = each.value;
        piece.style.background = HUES[each.color] ?? HUES.neutral;
        track.append(piece);
        legend.set(each.legend, HUES[each.color] ?? HUES.neutral);
      }
      figure.append(element("p", "chart-title", bar.title ?? ""), track);
    }
    const key = element("p", "chart-legend");
    for (const [name, hue] of legend) {
      const dot = element("i", "");
      dot.style.background = hue;
      const entry = element("span", "", name);
      entry.prepend(dot);
      key.append(entry);
    }
    figure.append(key);
    return figure;
  }
}

AC.GlobalRegistry.elements.register(StackedBars.JsonTypeName, StackedBars);

// Rung writes no markdown into its cards; without an answer here the renderer complains of every text.
AC.AdaptiveCard.onProcessMarkdown = (_, result) => {
  result.didProcess = false;
};

function element(name, kind, text = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

function host(isDark) {
  const ink = isDark ? "#ffffff" : "#242424";
  const faint = isDark ? "#d6d6d6" : "#616161";
  const colour = (strong, subtle = strong) => ({ default: strong, subtle });
  const foregroundColors = {
    default: colour(ink, faint),
    accent: colour(isDark ? "#a9b0ff" : "#4f52b2"),
    good: colour(isDark ? "#92c353" : "#0e700e"),
    warning: colour(isDark ? "#ffd335" : "#8a6100"),
    attention: colour(isDark ? "#f4a3ad" : "#b10e1c"),
  };
  const style = (backgroundColor) => ({ backgroundColor, foregroundColors });
  return new AC.HostConfig({
    fontFamily: "inherit",
    supportsInteractivity: true,
    fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 22 },
    spacing: { small: 6, default: 10, medium: 14, large: 18, extraLarge: 24, padding: 14 },
    containerStyles: {
      default: style(isDark ? "#292929" : "#ffffff"),
      emphasis: style(isDark ? "#383838" : "#f0f0f0"),
      accent: style(isDark ? "#2f2f4a" : "#e8ebfa"),
      good: style(isDark ? "#1a2e1a" : "#e7f2da"),
      warning: style(isDark ? "#33290f" : "#fbf6d9"),
      attention: style(isDark ? "#3a1d20" : "#fcf4f6"),
    },
    actions: {
      maxActions: 6,
      spacing: "default",
      buttonSpacing: 8,
      actionsOrientation: "horizontal",
      actionAlignment: "left",
      showCard: { actionMode: "inline", inlineTopMargin: 8 },
    },
    factSet: { title: { weight: "bolder", maxWidth: 200, wrap: true }, value: { wrap: true }, spacing: 12 },
    table: { cellSpacing: 6 },
  });
}

// A card as an element. `onAction` gets what Teams would send on: the kind, the verb and the data with what was filled in.
export function draw(content, isDark, onAction) {
  const card = new AC.AdaptiveCard();
  card.hostConfig = host(isDark);
  // Teams draws a mention as its name.
  card.parse(JSON.parse(JSON.stringify(content).replaceAll(/<\/?at>/g, "")));
  card.onExecuteAction = (action) => {
    const kind = action.getJsonTypeName();
    if (kind === "Action.OpenUrl") window.open(action.url, "_blank", "noopener");
    else onAction({ type: kind, title: action.title, verb: action.verb, data: action.data });
  };
  return card.render() ?? element("em", "", "The renderer did not draw this card.");
}
