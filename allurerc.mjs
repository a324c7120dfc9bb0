// What Allure 3 makes of the results: `scripts/allure-report RESULTS OUT` uses it. A plain object, so that it
// loads wherever npm has put `allure`.
const verdict = (word, status) => ({ statuses: [status], message: `^${word}: ` });

export default {
  name: "Escalations",
  // Where the pipeline keeps what earlier runs said: each run adds a line to this file.
  ...(process.env.ALLURE_HISTORY ? { historyPath: process.env.ALLURE_HISTORY, historyLimit: 50 } : {}),
  appendHistory: Boolean(process.env.ALLURE_HISTORY),
  categories: [
    { name: "Product: regressed", matchers: verdict("regressed", "failed") },
    { name: "Product: changed", matchers: verdict("changed", "failed") },
    { name: "Unproven", matchers: verdict("unproven", "failed") },
    { name: "Invalid: the case or its cassette", matchers: verdict("invalid", "broken") },
    { name: "Inconclusive: the environment", matchers: verdict("inconclusive", "broken") },
    { name: "Still broken: known", matchers: verdict("still-broken", "skipped") },
  ],
  plugins: {
    awesome: {
      options: {
        singleFile: true,
        reportLanguage: "en",
        groupBy: ["epic", "feature"],
      },
    },
  },
};
