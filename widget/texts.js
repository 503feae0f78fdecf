// What the widget itself says, in simplified Chinese, traditional Chinese and English. The answers come from the server.

const TEXTS = {
  title: ['身份证办事助手', '身份證辦事助手', 'ID card assistant'],
  subtitle: ['按公开文件答复', '按公開文件答覆', 'Answers from published rules'],
  launch: ['身份证咨询', '身份證諮詢', 'ID card help'],
  close: ['关闭', '關閉', 'Close'],
  settings: ['设置', '設定', 'Settings'],
  back: ['返回对话', '返回對話', 'Back to the chat'],
  human: ['转人工', '轉人工', 'Talk to a person'],
  restart: ['重新开始', '重新開始', 'Start again'],
  elder: ['大字版', '大字版', 'Large print'],
  readNew: ['自动朗读', '自動朗讀', 'Read aloud'],
  log: ['对话', '對話', 'Conversation'],
  me: ['我', '我', 'Me'],
  bot: ['助手', '助手', 'Assistant'],
  placeholder: ['想问什么', '想問什麼', 'Ask in Chinese'],
  send: ['发送', '傳送', 'Send'],
  waiting: ['正在发送', '正在傳送', 'Sending'],
  thinking: ['正在查规定', '正在查規定', 'Looking up the rules'],
  noticeTitle: ['开始之前', '開始之前', 'Before you start'],
  notice: ['这是自动答复，不是民警。请不要输入身份证号、电话和姓名，咨询用不着。对话先遮住号码再保存，用来改进服务；您随时可以在“设置”里清除。',
    '這是自動答覆，不是民警。請不要輸入身份證號、電話和姓名，諮詢用不著。對話先遮住號碼再保存，用來改進服務；您隨時可以在「設定」裡清除。',
    'This is an automatic service, not an officer. Please do not type ID numbers, phone numbers or names; none are needed. '
    + 'Conversations are stored with numbers masked, to improve the service. You can erase yours under “Settings”.'],
  more: ['下面还有 ↓', '下面還有 ↓', 'More below ↓'],
  choose: ['请选一个，也可以打数字', '請選一個，也可以打數字', 'Choose one, or type its number'],
  choices: ['可以选：{}', '可以選：{}', 'Choices: {}'],
  change: ['改这个回答', '改這個回答', 'Change this answer'],
  changed: ['刚才说错了，{}', '刚才说错了，{}', '刚才说错了，{}'],
  changeTo: ['改成哪一个？', '改成哪一個？', 'Change it to'],
  stepBack: ['上一步', '上一步', 'Back'],
  cancel: ['取消', '取消', 'Cancel'],
  step: ['第{}步', '第{}步', 'Step {}'],
  stepsLeft: ['大约还有{}步', '大約還有{}步', 'about {} more'],
  result: ['结论', '結論', 'Result'],
  call: ['拨打 ', '撥打 ', 'Call '],
  copyAddress: ['复制地址', '複製地址', 'Copy address'],
  copy: ['复制', '複製', 'Copy'],
  copied: ['已复制', '已複製', 'Copied'],
  notCopied: ['复制不了，请长按文字', '複製不了，請長按文字', 'Could not copy'],
  print: ['打印', '列印', 'Print'],
  download: ['下载', '下載', 'Download'],
  speak: ['朗读', '朗讀', 'Read aloud'],
  actions: ['对这个答复', '對這個答覆', 'This answer'],
  good: ['有用', '有用', 'Helpful'],
  bad: ['没用', '沒用', 'Not helpful'],
  rated: ['谢谢，已记下', '謝謝，已記下', 'Thank you, noted'],
  whyBad: ['哪里不好？', '哪裡不好？', 'What was wrong?'],
  reasons: [['没答到点上', '看不懂', '可能过时了', '和窗口说的不一样'], ['沒答到點上', '看不懂', '可能過時了', '和窗口說的不一樣'],
    ['Missed the point', 'Hard to understand', 'May be out of date', 'The office said otherwise']],
  otherReason: ['想说的话（可以不写）', '想說的話（可以不寫）', 'Anything else (optional)'],
  submit: ['提交', '提交', 'Submit'],
  hasId: ['好像有身份证号。咨询用不着，发送时会自动遮住。', '好像有身份證號。諮詢用不著，傳送時會自動遮住。',
    'This looks like an ID number. It is not needed and will be masked before it is sent.'],
  hasMobile: ['好像有手机号。咨询用不着，发送时会自动遮住。', '好像有手機號。諮詢用不著，傳送時會自動遮住。',
    'This looks like a phone number. It is not needed and will be masked before it is sent.'],
  offline: ['网络断了。您写的不会丢，连上就发。急事请打12345。', '網路斷了。您寫的不會丟，連上就發。急事請打12345。',
    'No connection. Nothing is lost; it is sent when the line is back. Urgent: call 12345.'],
  refused: ['这句没有发出去，已放回输入框。', '這句沒有發出去，已放回輸入框。', 'This was not sent. It is back in the box.'],
  expired: ['上次的对话已经到期，这里是新的对话。', '上次的對話已經到期，這裡是新的對話。', 'The last conversation has expired; this is a new one.'],
  size: ['字号', '字號', 'Text size'],
  sizes: [['标准', '大', '特大', '最大'], ['標準', '大', '特大', '最大'], ['Standard', 'Large', 'Larger', 'Largest']],
  theme: ['颜色', '顏色', 'Colours'],
  themes: [['跟随系统', '浅色', '深色', '高对比'], ['跟隨系統', '淺色', '深色', '高對比'], ['System', 'Light', 'Dark', 'High contrast']],
  language: ['界面语言', '介面語言', 'Language of the buttons'],
  myData: ['我的记录', '我的記錄', 'My data'],
  erase: ['清除我的记录', '清除我的記錄', 'Erase my data'],
  eraseSure: ['您在这里说过的话会从服务器上删掉，不能恢复。', '您在這裡說過的話會從伺服器上刪掉，不能恢復。', 'What you said here is deleted from the server for good.'],
  eraseYes: ['确定清除', '確定清除', 'Erase'],
  failed: ['没有办成，请过一会儿再试。', '沒有辦成，請過一會兒再試。', 'That did not work. Please try again later.'],
  erased: ['已清除。回执号：{}', '已清除。回執號：{}', 'Erased. Receipt: {}'],
  erasedNothing: ['这个浏览器里没有对话，没有要清除的。', '這個瀏覽器裡沒有對話，沒有要清除的。', 'There is no conversation in this browser to erase.'],
  erasedUnknown: ['有一段对话，服务器已经认不出是您的，没能清除；到期会自动删掉。', '有一段對話，伺服器已經認不出是您的，沒能清除；到期會自動刪掉。',
    'One conversation could not be erased: the server cannot tell any more that it was yours. It is deleted when its time is over.'],
  again: ['开始新的对话', '開始新的對話', 'Start a new conversation'],
};

export const LANGUAGES = [['zh-Hans', '简体中文'], ['zh-Hant', '繁體中文'], ['en', 'English']];

/** The nearest of LANGUAGES to a language tag. */
export function nearest(tag) {
  if (/^zh-(hant|tw|hk|mo)/i.test(tag)) return 'zh-Hant';
  return /^en/i.test(tag) ? 'en' : 'zh-Hans';
}

/** say('step', 2) in that language; lists are returned as lists. */
export function speaker(language) {
  const column = LANGUAGES.findIndex(([tag]) => tag === language);
  return (key, ...values) => {
    const text = TEXTS[key][column];
    return Array.isArray(text) ? text : values.reduce((filled, value) => filled.replace('{}', () => value), text);
  };
}
