// Streamlit speaks English only. This turns its own texts into Chinese: whole texts that stand in
// the dictionary, or match a pattern, and nothing else. What users wrote is never touched.
(function () {
  "use strict";

  var WORDS = {
    // the frame
    "Main menu": "主菜单",
    "App pages": "页面",
    "App Logo": "标志",
    "Logo": "标志",
    "Sidebar": "侧边栏",
    "Collapse sidebar": "收起侧边栏",
    "Expand sidebar": "展开侧边栏",
    "Navigate to home page": "回到首页",
    "Skip to main content": "跳到正文",
    "Link to heading": "标题链接",
    "Copy link to heading": "复制标题链接",
    "Notifications": "通知",
    "Theme": "外观",
    "Light": "浅色",
    "Dark": "深色",
    "System": "跟随系统",
    "Print": "打印",
    "Settings": "设置",
    "About": "关于",
    "Get help": "帮助",
    "Report a bug": "报告问题",
    "Record a screencast": "录制屏幕",
    "Clear cache": "清除缓存",
    "Clear caches": "清除缓存",
    "Deploy": "部署",
    "Rerun": "重新运行",
    "Always rerun": "总是重新运行",
    "Auto rerun": "自动重新运行",
    "File change.": "文件已更改。",
    "Stop": "停止",
    "Stop script": "停止运行",
    "Stopping...": "正在停止…",
    "Running...": "正在处理…",
    "Running…": "正在处理…",
    "Loading...": "正在加载…",
    "Loading…": "正在加载…",
    "View more": "显示更多",
    "View less": "收起",

    // the connection and errors
    "Connecting": "正在连接",
    "Connecting...": "正在连接…",
    "Connecting to Streamlit server": "正在连接服务器",
    "Unable to connect to Streamlit server": "无法连接服务器",
    "Error": "错误",
    "Connection error": "连接中断",
    "Connection failed": "连接失败",
    "Connection closed": "连接已断开",
    "Connection lost. Please wait for the app to reconnect, then try again.":
      "连接已断开，请等恢复连接后再试。",
    "Connection timed out.": "连接超时。",
    "Connection timed out": "连接超时",
    "Request timed out": "请求超时",
    "Request aborted": "请求已取消",
    "Network error": "网络错误",
    "Network Error": "网络错误",
    "Network issue": "网络不畅",
    "Reconnected to server.": "已恢复连接。",
    "Streamlit server is not responding. Are you connected to the internet?":
      "服务器没有应答，请检查网络连接。",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:":
      "服务器暂时没有应答，可能正在重新启动。",
    "streamlit run yourscript.py": "恢复后页面会自动重新连接，请稍候。",
    "Cannot load Streamlit frontend code. This can happen when you update Streamlit while a Streamlit app is running.":
      "页面没有完整加载，可能是系统刚刚升级过。",
    "To fix this, simply reload this app by pressing ": "请刷新页面：",
    "Page not found": "没有这个页面",
    "Script execution error": "处理出错",
    "Bad message format": "数据格式有误",
    "Unknown error": "未知错误",
    "Unknown Error": "未知错误",
    "No message": "没有说明",
    "Oh no.": "出错了。",
    "Error running app. If you need help, try the ": "系统出错，如需帮助请与管理员联系。",
    "Try again": "重试",
    "Continue anyway": "仍然继续",
    "Retry": "重试",
    "Error:": "错误：",
    "progress": "进度",

    // buttons everywhere
    "Close": "关闭",
    "Dismiss": "关闭",
    "Cancel": "取消",
    "Copy": "复制",
    "Copied": "已复制",
    "Copy to clipboard": "复制",
    "Open": "展开",
    "Show password": "显示密码",
    "Show password text": "显示密码",
    "Hide password": "隐藏密码",
    "Hide password text": "隐藏密码",
    "Increment": "增加",
    "Decrement": "减少",
    "Scroll tabs left": "向左滚动标签",
    "Scroll tabs right": "向右滚动标签",
    "Previous page": "上一页",
    "Next page": "下一页",
    "Pagination": "分页",
    "Fullscreen": "全屏",
    "Enter fullscreen": "全屏",
    "View fullscreen": "全屏",
    "Close fullscreen": "退出全屏",
    "Exit fullscreen": "退出全屏",
    "Toolbar action": "工具",
    "Help for": "说明",
    "Help": "说明",

    // text and number boxes
    "Press Enter to apply": "按回车键生效",
    "Press Ctrl+Enter to apply": "按 Ctrl+回车键生效",
    "Press ⌘+Enter to apply": "按 ⌘+回车键生效",
    "Press Enter to submit form": "按回车键提交",
    "Press Ctrl+Enter to submit form": "按 Ctrl+回车键提交",
    "Press ⌘+Enter to submit form": "按 ⌘+回车键提交",
    "Press Enter to submit": "按回车键提交",
    "This field is required.": "请填写此项。",
    "Invalid input.": "填写的内容不符合要求。",
    "Clear value": "清空",
    "Clear entry": "清空",
    "Number is above the allowed range.": "数值超出上限。",
    "Number is below the allowed range.": "数值低于下限。",

    // choosing
    "Choose an option": "请选择",
    "Choose options": "请选择（可多选）",
    "Choose or add an option": "请选择或新增",
    "Choose or add options": "请选择或新增（可多选）",
    "Add an option": "新增一项",
    "Select...": "请选择",
    "Select an option": "请选择",
    "Select": "选择",
    "No options to select": "没有可选项",
    "No options": "没有可选项",
    "No results": "没有符合的选项",
    "No results found": "没有符合的选项",
    "Clear all": "全部清除",
    "Select all": "全选",
    "Selected values": "已选",
    "Multiselect options": "选项",
    "Selectbox options": "选项",
    "Show suggestions": "显示选项",
    "Suggestions": "选项",

    // dates and times
    "Choose date": "选择日期",
    "Choose date range": "选择起止日期",
    "Choose date and time": "选择日期和时间",
    "Date range": "起止日期",
    "Quick select a date range": "快速选择起止日期",
    "Clear date": "清空日期",
    "Clear dates": "清空日期",
    "Clear time": "清空时间",
    "Clear date and time": "清空日期和时间",
    "yyyy": "年",
    "mm": "月",
    "dd": "日",
    "Previous month": "上个月",
    "Next month": "下个月",
    "Previous": "上一页",
    "Next": "下一页",
    "Time": "时间",
    "Today": "今天",
    "None": "无",
    "Past Week": "过去一周",
    "Past Month": "过去一个月",
    "Past 3 Months": "过去三个月",
    "Past 6 Months": "过去半年",
    "Past Year": "过去一年",
    "Past 2 Years": "过去两年",
    "Hours must be 0–23.": "小时须在 0 至 23 之间。",
    "Minutes must be 0–59.": "分钟须在 0 至 59 之间。",
    "Seconds must be 0–59.": "秒须在 0 至 59 之间。",
    "Invalid time format. Please use HH:MM.": "请按 时:分 填写，如 17:00。",
    "Invalid time format. Please use HH:MM:SS or HH:MM.": "请按 时:分 填写，如 17:00。",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.":
      "用方向键移动，回车键选择，Esc 键关闭。",
    "Use arrow keys to navigate. Enter to select. Tab to switch between calendar and time. Escape to close.":
      "用方向键移动，回车键选择，Tab 键在日历和时间之间切换，Esc 键关闭。",

    // uploads and downloads
    "Upload": "选择文件",
    "Upload directories": "选择文件夹",
    "Browse files": "选择文件",
    "Add files": "添加文件",
    "add icon": "添加",
    "Drag and drop a file here": "将文件拖到这里",
    "Drag and drop files here": "将文件拖到这里",
    "Drag and drop file here": "将文件拖到这里",
    "Drag and drop directories here": "将文件夹拖到这里",
    "Only one file is allowed.": "只能选择一个文件。",
    "File size is too small.": "文件太小。",
    "Too many files": "文件太多",
    "Upload failed": "上传失败",
    "Click to retry upload": "点击重新上传",
    "Unexpected error. Please try again.": "上传出错，请重试。",
    "Error uploading file": "上传出错",
    "Error deleting file": "删除出错",
    "Request failed with status code 401": "登录已失效，请刷新页面重新登录。",
    "Request failed with status code 413": "文件太大。",
    "Request failed with status code 429": "上传太频繁，请一分钟后再试。",
    "Request failed with status code 503": "服务器上等待处理的文件太多，请过几分钟再上传。",
    "Download failed": "下载失败",
    "Remove file": "移除文件",

    // tables
    "Show/hide columns": "显示或隐藏列",
    "Download as CSV": "下载为 CSV",
    "Search": "查找",
    "Type to search": "输入要查找的内容",
    "Close Search": "关闭查找",
    "Close search": "关闭查找",
    "Next Result": "下一个",
    "Previous Result": "上一个",
    "Clear selection": "取消选择",
    "Add row": "新增一行",
    "Delete row(s)": "删除所选行",
    "Delete row": "删除行",
    "Delete rows": "删除行",
    "Sort ascending": "升序",
    "Sort descending": "降序",
    "Format": "格式",
    "Autosize": "自动列宽",
    "Pin column": "固定此列",
    "Unpin column": "取消固定",
    "Hide column": "隐藏此列",
    "Edit": "编辑",
    "Copy column name": "复制列名",
    "Dataframe column menu": "列菜单",
    "Column menu": "列菜单",
    "Scrollable table": "可滚动的表格",
    "empty": "空",
    "Empty": "空",
    "No data": "没有数据",
    "No content": "没有内容",
    "Failed to load data": "数据加载失败",
    "Failed to generate file for download": "文件没有生成，请重试或与系统管理员联系",
    "Automatic": "自动",
    "Localized": "本地格式",
    "Plain": "原样",
    "Compact": "缩写",
    "Dollar": "美元",
    "Euro": "欧元",
    "Yen": "日元",
    "Percent": "百分比",
    "Scientific": "科学记数",
    "Accounting": "会计格式",
    "Distance": "距今",
    "Calendar": "日历",
    "Statistics": "统计",
    "Count": "计数",
    "Distinct": "不同值",
    "Sum": "合计",
    "Average": "平均",
    "Median": "中位数",
    "Minimum": "最小",
    "Maximum": "最大",
    "Standard deviation": "标准差",
    "Range": "范围",
    "Average length": "平均长度",
    "Minimum length": "最短",
    "Maximum length": "最长",
    "Based on sample": "按样本统计",
    "True": "是",
    "False": "否",
    "true": "是",
    "false": "否",

    // charts
    "Download plot as a PNG": "下载为图片",
    "Download plot as a png": "下载为图片",
    "Download as PNG": "下载为图片",
    "Zoom": "缩放",
    "Zoom in": "放大",
    "Zoom out": "缩小",
    "Pan": "平移",
    "Box Select": "框选",
    "Lasso Select": "圈选",
    "Autoscale": "自动缩放",
    "Reset axes": "恢复原状",
    "Reset view": "恢复原状",
    "Double-click to zoom back out": "双击恢复原状",
    "Show data": "查看数据",
    "Show chart": "查看图表"
  };

  var MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"];
  var FIELDS = { year: "年", month: "月", day: "日", hour: "时", minute: "分", second: "秒" };

  function dateInWords(_, month, day, year, time) {
    return "已选 " + year + "年" + (MONTHS.indexOf(month) + 1) + "月" + day + "日 " + (time || "");
  }

  function part(_, name, label) {
    return (chinese(label) || label) + " " + FIELDS[name];
  }

  function labelled(whole, words, rest) {
    return WORDS[words] ? WORDS[words] + "：" + (chinese(rest) || rest) : whole;
  }

  // A text that fits a pattern becomes the text, or what the function makes of its parts.
  var PATTERNS = [
    [/^([\d.]+)\s?([KMG]?B) per file$/, "每个文件不超过 $1 $2"],
    [/^File must be ([\d.]+)\s?([KMG]?B) or smaller\.$/, "文件不能超过 $1 $2。"],
    [/^\S+ files are not allowed\.$/, "不能上传这种类型的文件。"],
    [/^(.*) ?file upload$/, "$1上传文件"],
    [/^Upload (.+)$/, "选择文件"],
    [/^Remove (.+)$/, "移除 $1"],
    [/^You can only select up to (\d+) options?\. Remove an option first\.$/,
      "最多选 $1 项，请先去掉一项。"],
    [/^Select (\d+) matches$/, "选择符合的 $1 项"],
    [/^Add: (.+)$/, "新增：$1"],
    [/^(\d+) options? available\.?$/, "共 $1 个选项"],
    [/^(\S.*), selected\.?$/, "$1，已选"],
    [/^Page (\d+)$/, "第 $1 页"],
    [/^(\d+) results?$/, "$1 处"],
    [/^over 1000$/, "1000 处以上"],
    [/^(\d+) of (\d+) results?$/, "第 $1 处，共 $2 处"],
    [/^(\d+) of over 1000$/, "第 $1 处，共 1000 处以上"],
    [/^(year|month|day|hour|minute|second),\s*(.*)$/, part],
    [/^Help for (.+)$/, "$1的说明"],
    [/^Choose date(?: range| and time)?, (.+)$/, "选择日期，$1"],
    [/^Selected Time: (.+)$/, "已选 $1"],
    [/^(.+) start date$/, "$1（开始）"],
    [/^(.+) end date$/, "$1（结束）"],
    [/^Selected Date: ([A-Z][a-z]+) (\d+), (\d+)(?: at (.+))?$/, dateInWords],
    [/^Number is above the allowed range\. Please enter a value less than or equal to (\S+?)\.$/,
      "数值超出上限，请填不大于 $1 的数。"],
    [/^Number is below the allowed range\. Please enter a value greater than or equal to (\S+?)\.$/,
      "数值低于下限，请填不小于 $1 的数。"],
    [/^Number is outside the allowed range\. Please enter a value between (\S+) and (\S+?)\.$/,
      "数值超出范围，请填 $1 至 $2 之间的数。"],
    [/^Connection failed with status (\d+).*$/, "连接失败（$1）。"],
    [/^You have requested page .*Running the app's main page\.$/, "没有这个页面，已转到首页。"],
    [/^The page that you have requested does not seem to exist\..*$/, "没有这个页面，已转到首页。"],
    [/^([A-Z][A-Za-z/ ]+): (.+)$/, labelled]
  ];

  var ATTRIBUTES = ["placeholder", "aria-label", "title", "alt"];

  function chinese(text) {
    var words = text.trim();
    if (!words || !/[A-Za-z]/.test(words)) {
      return null;
    }
    if (Object.prototype.hasOwnProperty.call(WORDS, words)) {
      return text.replace(words, function () { return WORDS[words]; });
    }
    for (var i = 0; i < PATTERNS.length; i++) {
      if (PATTERNS[i][0].test(words)) {
        return words.replace(PATTERNS[i][0], PATTERNS[i][1]);
      }
    }
    return null;
  }

  function translateText(node) {
    var translated = chinese(node.nodeValue);
    if (translated !== null && translated !== node.nodeValue) {
      node.nodeValue = translated;
    }
  }

  function translateAttributes(element) {
    for (var i = 0; i < ATTRIBUTES.length; i++) {
      var value = element.getAttribute(ATTRIBUTES[i]);
      var translated = value && chinese(value);
      if (translated !== null && translated !== "" && translated !== value) {
        element.setAttribute(ATTRIBUTES[i], translated);
      }
    }
  }

  function translateTree(root) {
    if (root.nodeType === Node.TEXT_NODE) {
      translateText(root);
      return;
    }
    if (root.nodeType !== Node.ELEMENT_NODE) {
      return;
    }
    translateAttributes(root);
    var walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (var node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        translateText(node);
      } else {
        translateAttributes(node);
      }
    }
  }

  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      if (change.type === "attributes") {
        translateAttributes(change.target);
      } else if (change.type === "characterData") {
        translateText(change.target);
      } else {
        change.addedNodes.forEach(translateTree);
      }
    });
  }).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ATTRIBUTES,
    characterData: true,
    childList: true,
    subtree: true
  });

  translateTree(document.documentElement);
})();
