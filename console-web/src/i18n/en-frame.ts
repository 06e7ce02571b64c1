/** English of the frame: palette, shortcuts, first steps, the names of the settings. */
export const enFrame = {
  palette: {
    title: "Search and commands",
    short: "Search",
    label: "Search pages, conversations and commands",
    placeholder: "Search, or type a command",
    none: "Nothing matches. Fewer words find more.",
    count_one: "{{count, number}} result",
    count_other: "{{count, number}} results",
    theme: "Theme: {{theme}}",
    language: "Language: {{language}}",
    stopReply: "Stop the reply",
    rename: "Rename this conversation",
    archive: "Archive this conversation",
    unarchive: "Move this conversation back from the archive",
    latestJob: "Open the job of the latest reply",
    group: {
      actions: "Actions",
      pages: "Pages",
      settings: "Settings",
      conversations: "Conversations",
      messages: "Messages",
      workers: "Workers",
      jobs: "Jobs",
      documentation: "Documentation",
    },
  },
  shortcuts: {
    title: "Keyboard shortcuts",
    andThen: "then",
    composer: "In the message field",
    send: "Send",
    newLine: "New line",
    editLast: "Edit your last message, from an empty field",
    leave: "Leave the edit",
  },
  firstRun: {
    title: "First steps",
    words: "welcome start connect a model help",
    how: "How to connect a model",
  },
  settings: {
    providers: {
      title: "Providers",
      words: "models openai anthropic gemini ollama key check consent privacy",
    },
    companion: {
      title: "Companion",
      words: "model language instructions prompt preferences",
    },
    spending: {
      title: "Spending",
      words: "limit budget money cost dollars",
    },
    tokens: {
      title: "Access tokens",
      words: "access secret scope revoke api key",
    },
    retention: {
      title: "Retention",
      words: "keep delete days history prompts events",
    },
    appearance: {
      title: "Appearance",
      words: "theme dark light language motion",
      system: "As the system",
      light: "Light",
      dark: "Dark",
    },
    shortcuts: {
      title: "Shortcuts",
      words: "keyboard keys",
    },
  },
} as const;
