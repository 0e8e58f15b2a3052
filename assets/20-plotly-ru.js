// Plotly in Russian: the stock locale breaks lines inside numbers and writes months as headings.
((locale) => (window.Plotly ? window.Plotly.register(locale) : (window.PlotlyLocales = window.PlotlyLocales || []).push(locale)))({
  moduleType: "locale",
  name: "ru",
  dictionary: {
    "Autoscale": "Во всю ширину", "Reset axes": "Вернуть масштаб", "Download plot as a PNG": "Скачать картинку", "Zoom": "Приблизить", "Zoom in": "Ближе",
    "Zoom out": "Дальше", "Pan": "Двигать", "Click to enter X axis title": "Подпись оси X", "Click to enter Y axis title": "Подпись оси Y",
    "Double-click on legend to isolate one trace": "Двойной щелчок оставит один ряд", "Double-click to zoom back out": "Двойной щелчок вернёт масштаб",
    "Toggle Spike Lines": "Линии к осям", "Taking snapshot - this may take a few seconds": "Готовим картинку", "Snapshot succeeded": "Картинка готова",
    "Sorry, there was a problem downloading your snapshot!": "Картинка не получилась",
  },
  format: {
    days: ["воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"],
    shortDays: ["вс", "пн", "вт", "ср", "чт", "пт", "сб"],
    months: ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    shortMonths: ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
    date: "%d.%m.%Y",
    decimal: ",",
    thousands: "\u00a0",
    grouping: [3],
    currency: ["", "\u00a0₽"],
    year: "%Y",
    month: "%b %Y",
    dayMonth: "%-d %b",
    dayMonthYear: "%-d %b %Y",
  },
});
