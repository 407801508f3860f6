/**
 * What is stored about people: each kind of data once, with why, for how long, who sees it and where it lies. The page `/privacy`, the export
 * and the erasure of a student and the retention job are made from this table. This file has no schemas, so that pages can load it.
 */

interface Text {
  readonly en: string
  readonly zh: string
}

/** Who sees a kind of data, besides whoever has the machine or a backup. */
export type Viewer = 'self' | 'partner' | 'class' | 'staff' | 'owner' | 'nobody'

/**
 * How long it is kept. `retention`: until a course's or the installation's retention is over. `account`: as long as the account is there.
 * `days`: that many days after the moment in a column, see `StoredIn.expires`. `moment`: only while it is needed, in memory or in the browser.
 */
export type Keep = { readonly until: 'retention' | 'account' | 'moment' | 'session' } | { readonly days: number }

/**
 * What erasing puts into a column. `number`: "former student" and a number. `key`: a value that is unique and says nothing. `now`: the time,
 * where there is none yet. `no-remark`: an empty text in place of a remark on a grade, and all else as it is.
 */
export type ErasedTo = 'number' | 'key' | 'now' | 'null' | 'empty' | 'one' | 'no-remark'

/** Where rows of a kind lie. */
export interface StoredIn {
  readonly table: string
  /** What its key columns name: rows of one student are found by `participant`, `member` or `round`. */
  readonly by: 'participant' | 'member' | 'round' | 'session' | 'teacher' | 'nobody'
  readonly keys: readonly string[]
  /** The columns that an export holds. */
  readonly columns: readonly string[]
  /** What erasing a student does with their rows: nothing, delete them, or change these columns. */
  readonly erase: 'keep' | 'delete' | { readonly [column: string]: ErasedTo }
  /** Rows are deleted `Keep.days` after the moment in this column. */
  readonly expires?: string
}

/** A kind of personal data. */
export interface KindOfData {
  readonly about: 'student' | 'teacher' | 'both'
  readonly what: Text
  readonly why: Text
  readonly keep: Keep
  readonly seenBy: readonly Viewer[]
  readonly stored: readonly StoredIn[]
}

/** The name that stands in the place of an erased one. */
export const formerStudent = (language: string, number: number): string =>
  language === 'zh' ? `以前的学生 ${number}` : `former student ${number}`

/** A cookie of a teacher is good for this long, so a sign-in that has not been used since then can never be used again. */
const COOKIE_DAYS = 120

/** The kinds of personal data, those of students first. */
export const PERSONAL_DATA: Readonly<Record<string, KindOfData>> = {
  'student-name': {
    about: 'student',
    what: { en: 'The name that a student gives on joining a session', zh: '学生加入课堂时填写的姓名' },
    why: { en: 'So that partner and teacher know who is who', zh: '让搭档和教师知道谁是谁' },
    keep: { until: 'retention' },
    seenBy: ['self', 'partner', 'class', 'staff'],
    stored: [
      {
        table: 'Participant',
        by: 'participant',
        keys: ['id'],
        columns: ['id', 'sessionId', 'name', 'createdAt', 'removedAt', 'handRaisedAt'],
        erase: { name: 'number', skeleton: 'key', handRaisedAt: 'null' },
      },
    ],
  },
  roster: {
    about: 'student',
    what: {
      en: 'The row of a course’s roster: student number, name, e-mail address, group, time factor, remarks of the staff',
      zh: '课程名单中的一行：学号、姓名、电子邮件、分组、时间系数、教师的备注',
    },
    why: { en: 'So that grades go to the right student', zh: '让成绩归到正确的学生' },
    keep: { until: 'retention' },
    seenBy: ['staff'],
    stored: [
      {
        table: 'Member',
        by: 'member',
        keys: ['id'],
        columns: ['id', 'courseId', 'number', 'name', 'email', 'group', 'timeFactor', 'remarks', 'createdAt', 'removedAt'],
        erase: {
          number: 'key',
          name: 'number',
          email: 'null',
          group: 'null',
          timeFactor: 'one',
          remarks: 'empty',
          removedAt: 'now',
        },
      },
    ],
  },
  play: {
    about: 'student',
    what: {
      en: 'What a student did in each round: every segment, claim, hint and answer with its time and verdict. It holds no name',
      zh: '学生在每一轮中的操作：每个报文段、状态声明、提示和回答，以及时间和判定。其中没有姓名',
    },
    why: { en: 'Points, replays and the partner’s own record are computed from it', zh: '得分、回放以及搭档自己的记录都由此算出' },
    keep: { until: 'session' },
    seenBy: ['self', 'partner', 'staff'],
    stored: [
      {
        table: 'Round',
        by: 'participant',
        keys: ['clientId', 'serverId', 'networkId'],
        columns: ['id', 'sessionId', 'exercise', 'position', 'leg', 'clientId', 'serverId', 'networkId', 'createdAt', 'endedAt'],
        erase: 'keep',
      },
      { table: 'Entry', by: 'round', keys: ['roundId'], columns: [], erase: 'keep' },
      {
        table: 'Pair',
        by: 'participant',
        keys: ['firstId', 'secondId', 'thirdId'],
        columns: ['id', 'number', 'message', 'createdAt', 'dissolvedAt'],
        erase: { message: 'empty' },
      },
      { table: 'Activity', by: 'session', keys: ['sessionId'], columns: [], erase: 'keep' },
      { table: 'ActivityEntry', by: 'session', keys: [], columns: [], erase: 'keep' },
    ],
  },
  grades: {
    about: 'student',
    what: {
      en: 'Decisions about grades: overrides, excuses, remarks, contests and releases, with who, when and why',
      zh: '关于成绩的决定：改分、免除、备注、申诉和公布，以及谁、何时、为何',
    },
    why: { en: 'A grade has to be explained later', zh: '成绩日后要能说明理由' },
    keep: { until: 'retention' },
    seenBy: ['self', 'staff'],
    stored: [
      {
        table: 'GradeRecord',
        by: 'member',
        keys: ['memberId'],
        columns: ['number', 'kind', 'sessionId', 'position', 'roundId', 'entry', 'before', 'after', 'reason', 'at'],
        erase: { reason: 'empty', before: 'no-remark', after: 'no-remark' },
      },
    ],
  },
  platform: {
    about: 'student',
    what: {
      en: 'Who a member is at a learning platform (its `sub`), and the scores that are sent there',
      zh: '成员在教学平台上的标识（`sub`），以及发送到那里的成绩',
    },
    why: {
      en: 'So that a launch finds the member, and grades reach the platform',
      zh: '让从平台进入的人对应到成员，并把成绩送到平台',
    },
    keep: { until: 'retention' },
    seenBy: ['staff'],
    stored: [
      { table: 'LtiUser', by: 'member', keys: ['memberId'], columns: ['contextId', 'sub', 'made'], erase: 'delete' },
      {
        table: 'LtiScore',
        by: 'member',
        keys: ['memberId'],
        columns: ['linkId', 'score', 'changedAt', 'dueAt', 'sentAt', 'lastError'],
        erase: 'delete',
      },
    ],
  },
  launches: {
    about: 'both',
    what: {
      en: 'What a learning platform says of somebody who comes from there: name, e-mail address, roles',
      zh: '教学平台对从那里进入的人的说明：姓名、电子邮件、身份',
    },
    why: { en: 'To finish the launch', zh: '完成进入过程' },
    keep: { days: 1 },
    seenBy: ['nobody'],
    stored: (['LtiLaunch', 'LtiState', 'LtiInvitation'] as const).map((table) => ({
      table,
      by: 'nobody' as const,
      keys: [],
      columns: [],
      erase: 'keep' as const,
      expires: 'expiresAt',
    })),
  },
  notes: {
    about: 'both',
    what: { en: 'A teacher’s notes on a session, and what was announced in it', zh: '教师对课堂的笔记，以及课堂中的公告' },
    why: { en: 'For the teacher’s next lesson', zh: '供教师准备下一次课' },
    keep: { until: 'retention' },
    seenBy: ['staff'],
    stored: [
      {
        table: 'Session',
        by: 'session',
        keys: ['id'],
        columns: [],
        erase: { notes: 'empty', announcement: 'empty' },
      },
    ],
  },
  presence: {
    about: 'student',
    what: { en: 'Whether a student’s device is connected', zh: '学生的设备是否在线' },
    why: { en: 'So that the partner and the board show it', zh: '供搭档和教师面板显示' },
    keep: { until: 'moment' },
    seenBy: ['partner', 'staff'],
    stored: [{ table: 'Node', by: 'nobody', keys: [], columns: [], erase: 'keep' }],
  },
  cookies: {
    about: 'both',
    what: {
      en: 'A signed cookie for each seat and for a teacher’s sign-in; the language, the theme and drafts in the browser. Nothing for advertising or counting',
      zh: '每个席位和教师登录各有一个签名的 Cookie；浏览器中保存语言、主题和草稿。没有用于广告或统计的内容',
    },
    why: { en: 'So that a reload finds the seat again', zh: '让刷新后仍能找到席位' },
    keep: { days: COOKIE_DAYS },
    seenBy: ['self'],
    stored: [],
  },
  addresses: {
    about: 'both',
    what: { en: 'The address of a device, in memory alone; no log has it', zh: '设备的网络地址，只在内存中；日志里没有' },
    why: { en: 'To limit how often one address may ask', zh: '限制同一地址的请求次数' },
    keep: { until: 'moment' },
    seenBy: ['nobody'],
    stored: [],
  },
  account: {
    about: 'teacher',
    what: {
      en: 'A teacher’s name, e-mail address and password (as a hash), their courses, sessions and own exercises',
      zh: '教师的姓名、电子邮件和密码（散列值），以及其课程、课堂和自己的练习',
    },
    why: { en: 'So that each teacher sees only what is theirs', zh: '让每位教师只看到属于自己的内容' },
    keep: { until: 'account' },
    seenBy: ['self', 'staff', 'owner'],
    stored: (
      ['Teacher', 'CourseStaff', 'OwnExercise', 'OwnExerciseVersion', 'Course', 'CoursePlaylist', 'LtiAccount'] as const
    ).map((table) => ({
      table,
      by: 'teacher' as const,
      keys: [],
      columns: [],
      erase: 'keep' as const,
    })),
  },
  'sign-ins': {
    about: 'teacher',
    what: { en: 'Where a teacher is signed in: browser, since when, last use', zh: '教师的登录：浏览器、开始时间、最近使用' },
    why: { en: 'So that a sign-in can be recognised and ended', zh: '以便识别并结束登录' },
    keep: { days: COOKIE_DAYS },
    seenBy: ['self'],
    stored: [{ table: 'SignIn', by: 'teacher', keys: ['teacherId'], columns: [], erase: 'keep', expires: 'seenAt' }],
  },
  links: {
    about: 'teacher',
    what: { en: 'One-time links to accounts, as hashes', zh: '账号的一次性链接（散列值）' },
    why: { en: 'So that each works once', zh: '确保每个链接只能用一次' },
    keep: { days: 30 },
    seenBy: ['nobody'],
    stored: [{ table: 'TeacherLink', by: 'teacher', keys: ['teacherId'], columns: [], erase: 'keep', expires: 'expiresAt' }],
  },
  tokens: {
    about: 'teacher',
    what: { en: 'Tokens for programs, as hashes: name, scopes, last use', zh: '程序用的令牌（散列值）：名称、权限、最近使用' },
    why: { en: 'So that programs can act for a teacher', zh: '让程序能替教师操作' },
    keep: { until: 'account' },
    seenBy: ['self'],
    stored: [{ table: 'ApiToken', by: 'teacher', keys: ['teacherId'], columns: [], erase: 'keep' }],
  },
  erasures: {
    about: 'both',
    what: {
      en: 'That something was erased: when, by whom, how many rows. It names nobody who was erased',
      zh: '删除记录：时间、操作者、行数，不含被删除者的姓名',
    },
    why: { en: 'So that it can be shown that it was done', zh: '以便证明已经执行' },
    keep: { until: 'account' },
    seenBy: ['owner'],
    stored: [{ table: 'ErasureRecord', by: 'nobody', keys: [], columns: [], erase: 'keep' }],
  },
}

/** The tables that hold nothing about people. */
export const IMPERSONAL_TABLES: readonly string[] = ['Setting', 'LtiPlatform', 'LtiDeployment', 'LtiContext', 'LtiLink', 'LtiKey']
