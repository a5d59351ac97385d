/*
 * One sorted array: a look-up finds the first word with the same first character by halving and
 * tries the words of that character, the longest first. Words that only contain a cue stand among
 * the others as CUE_NONE, so the longest match takes them out without a second table.
 */
#include "study/cues.h"

#include <stdlib.h>
#include <string.h>

/* Words of a kind, separated by blanks; the blank itself is a CUE_BREAK and added by hand. */
static const struct {
    enum cue cue;
    const char *words;
} table[] = {
    {CUE_NONE, "一到 一直以来 上去 上来 上访 下去 下访 与会 中学习 "
               "交流中心 交流会 交流办 交流平台 人力资源和 从事 "
               "从来 以及其 以来 会见厅 传下来 住房和 促进 信访 做到 "
               "停下来 先后到位 先进 公司法 共和 内在 几天来 出去 "
               "出来 利率 利用率 到了 到会 到位 到场 到家 到岗 到底 "
               "到户 到期 到村 到来 到账 剩下来 卫生和计划 原来 去世 "
               "去产能 去库存 去除 参与 参加工作 及其 及时 及格 "
               "发展和改革 受到 后来 听到 和平 和睦 和美 和谐 回到 "
               "园林和 在于 在内 在场 在外 在岗 在建 在校 在此基础 "
               "在线 在编 在职 坐下来 外国语 多年来 大学习 大学城 "
               "大学科技园 失去 奋进 好在 存在 学习中心 学习型 "
               "学习平台 学习强国 学习教育 学习贯彻 学到 学院派 "
               "实在 家访 对口支援和 将来 小学习 工业和信息化 "
               "市民中心 市民之家 市民宗 市民广场 市民政 市民政局 "
               "市民服务 带来 平和 年来 引进 往来 得到 想到 感到 "
               "我们 我党 我军 我国 我省 所在 找到 招商局 招商引资局 "
               "招商服务 拿到 接下来 接到 接待中心 接待办 接待处 "
               "接待室 接访 推及 推进 提到 提及 收到 改进 效率 "
               "教育和体育 文化和旅游 旨在 普及 月来 未来 "
               "未来科技城 本来 来不及 来临 来信 来函 来势 来历 来去 "
               "来回 来宾 来年 来往 来得及 来料 来源 来电 来看 来自 "
               "来袭 来讲 来说 来龙去脉 根本 概率 正在 比率 水利和 "
               "沉下来 涉及 温和 潜在 率先 现在 理论学习 用到 留下来 "
               "直到 相继 看到 看来 税率 素来 约访 经济和信息化 给予 "
               "继承 继续 继而 综合行政执法 自我 自然资源和 覆盖率 "
               "规划和自然 视察组织 触及 访企 访客 访谈 调和 调研室 "
               "谈到 走到 走进来 赴任 赴约 赶来 起到 起来 越来越 "
               "跟进 达到 过去 近年来 近来 进一步 进入 进出口 进去 "
               "进口 进展 进度 进来 进程 进行 进驻 连日来 迟到 速率 "
               "遇到 采访 长期以来 除去 随访 集团军 静下来 高校园区"},
    {CUE_GO, "专程到 专程赴 东行 东进 做客 先后赴 出访 到 到访 "
             "前去 前往 北上 南下 去 去到 同赴 奔赴 抵 抵达 来到 莅 "
             "莅临 西行 西进 访 走进 赴 赶赴 转赴 进京赴 远上 远赴 "
             "飞抵 飞赴"},
    {CUE_COME, "专程来 前来 来 来访"},
    {CUE_AT, "在"},
    {CUE_VISIT, "互访 参观 参访 回访 学访 察看 拜会 拜访 探访 查看 "
                "考察 观摩 视察 访问 调研 走访 踏看"},
    {CUE_TALK, "交流 会商 会谈 共商 出席 协商 参会 参加 取经 "
               "召开座谈 商谈 学习 对接 帮扶 座谈 开展 招商 探经 "
               "探讨 推介 洽谈 研学 磋商 签约 签署 签订 结对 调查 "
               "走亲 问计 问道"},
    {CUE_MEDIA, "发布 台讯 商报 在线讯 广播电台 广播电视台 报讯 "
                "政府网 新闻中心 新闻网 新闻讯 日报 日报社 时报 晚报 "
                "晨报 消息 电台讯 电视台 网 网消息 网讯 融媒 讯"},
    {CUE_PAST, "一年来 上半年 上月 上次 下半年 之前 人次 今年以来 "
               "以往 全年 刚刚 前年 历年 去年 去年以来 多次 年内 "
               "往年 早前 曾于 曾到 曾前往 曾在 曾来 曾经 曾赴 此前 "
               "累计 继"},
    {CUE_BOTH, "三县 三地 三市 两区 两县 两地 两家 两局 两市 九城市 "
               "双方 四县 四地 四市"},
    {CUE_GROUP, "一行 专题组 交流团 代表团 参观团 参观组 同仁 学习团 "
                "学习组 小分队 工作专班 工作组 招商团 招商小分队 "
                "率一行 考察团 考察小组 考察组 考察队 观摩团 视察团 "
                "视察组 访问团 课题组 调研团 调研组 赴外"},
    {CUE_RECEIVE, "会晤 会见 接待 接见 欢迎 热情接待 迎接 迎来"},
    {CUE_ESCORT, "全程陪同 陪 陪同 陪同参观 陪同考察 陪同调研"},
    {CUE_INVITE, "受邀 应邀 邀请"},
    {CUE_MEET, "举办 举行 召开"},
    {CUE_OTHER, "专家组 中学 中心医院 主体班 乐团 乡贤 人民医院 "
                "企业代表 企业家 企业家协会 企业负责人 侨商 侨领 "
                "促进会 俄罗斯 党支部 公司 剧团 加拿大 华侨 协会 台商 "
                "台湾 同乡 同学 商会 培训班 基金会 外商 外宾 大使 "
                "大学 大学生 媒体 学员 学生 学院 客商 客商代表 客商团 "
                "小学 师生 幼儿园 异地商会 德国 志愿者 意大利 投资人 "
                "新加坡 旅行社 日本 校友 欧洲 民企 民营企业 法国 泰国 "
                "港澳 游客 澳大利亚 澳门 爱好者 球队 网友 美国 老干部 "
                "联合会 英国 记者 读者 越南 轮训班 采访团 集团 非洲 "
                "韩国 领事 香港 马来西亚 高校"},
    {CUE_HIGHER, "中国 中央 全国 厅 国务院 国家 总局 省人大 省厅 省发 "
                 "省委 省委常委 省局 省政协 省政府 省直 省级 省长 "
                 "自治区党委 自治区政府 部委"},
    {CUE_OWN, "我中心 我乡 我企 我会 我党校 我公司 我分局 我办 我区 "
              "我单位 我厅 我县 我台 我司 我团 我园 我园区 我地 "
              "我处 我委 我局 我州 我市 我开发区 我所 我支队 我新区 "
              "我旗 我村 我校 我检察院 我法院 我盟 我矿 我社 我站 "
              "我街道 我部 我镇 我队 我院 我集团 我馆 本区 本县 "
              "本州 本市"},
    {CUE_WIDE, "多地 等兄弟 等县 等地 等城市 等市 等省"},
    {CUE_PLAN, "准备组织 准备赴 即将率 即将赴 启程 将于 将前往 "
               "将带队 将率 将率团 将率队 将组团 将组织 将赴 拟 拟于 "
               "拟率 拟组织 拟赴 拟邀请 方案 计划于 计划组织 计划赴 "
               "近期将 通知"},
    {CUE_LIST, "─ 、 与 以及 及 和 暨"},
    {CUE_BREAK, "( ) , : [ \" ] | — ‖ “ ” 　 《 》 【 】 丨 （ ） ， － "
                "： ｜"},
    {CUE_STOP, "! ; ? \n 。 ！ ； ？"},
    {CUE_REMOTE, "云端 云签约 电视电话 电视电话会议 线上 线上签约 "
                 "网络会议 视频会商 视频会议 视频连线 远程 邮寄"},
    {CUE_LEAD, "带 带团 带队 带领 率 率团 率队 率领 组团 组织"},
};

/* Room for the words of the table with some to spare; add_word ends the process at its limit, so a
 * table that outgrows it cannot pass a test. */
enum { TABLE_SIZE = sizeof table / sizeof table[0], WORDS_MAX = 1024, FIRST_MAX = 3 };

struct word {
    struct slice text;
    enum cue cue;
};

struct cues {
    struct word words[WORDS_MAX]; /* by first character, then the longest first */
    size_t count;
};

/* How many bytes the first character of a word has: 1 or 3 in this table. */
static size_t first_size(const char *text)
{
    return (unsigned char) text[0] < 0x80 ? 1 : FIRST_MAX;
}

/* Order of two first characters, the one-byte ones before all others. */
static int compare_first(const char *a, const char *b)
{
    size_t size = first_size(a);

    if (size != first_size(b))
        return size < first_size(b) ? -1 : 1;
    return memcmp(a, b, size);
}

static int compare_words(const void *a, const void *b)
{
    const struct word *left = a;
    const struct word *right = b;
    int order = compare_first(left->text.data, right->text.data);

    /* The longest first, so the first word that fits is the one that counts. */
    if (order == 0 && left->text.size != right->text.size)
        return left->text.size > right->text.size ? -1 : 1;
    return order != 0 ? order : slice_compare(left->text, right->text);
}

static void add_word(struct cues *cues, struct slice text, enum cue cue)
{
    ENSURE(cues->count < WORDS_MAX && text.size > 0);
    cues->words[cues->count++] = (struct word){text, cue};
}

struct cues *cues_create(void)
{
    struct cues *cues = calloc(1, sizeof *cues);

    if (cues == NULL)
        return NULL;
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        struct slice rest = slice_from(table[i].words);

        while (rest.data != NULL)
            add_word(cues, slice_split(&rest, ' '), table[i].cue);
    }
    add_word(cues, SLICE(" "), CUE_BREAK);
    qsort(cues->words, cues->count, sizeof cues->words[0], compare_words);
    return cues;
}

void cues_destroy(struct cues *cues)
{
    free(cues);
}

/* The first word that begins with the character of `text`, or the place where it would stand. */
static size_t lower_bound(const struct cues *cues, const char *text)
{
    size_t low = 0;
    size_t high = cues->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_first(cues->words[middle].text.data, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t cue_at(const struct cues *cues, struct slice text, size_t offset, enum cue *cue)
{
    struct slice rest = slice_sub(text, offset, text.size);

    /* An ill-formed end of the text must not be compared beyond its last byte. */
    if (rest.size == 0 || rest.size < first_size(rest.data))
        return 0;
    for (size_t i = lower_bound(cues, rest.data); i < cues->count; i++) {
        const struct word *word = &cues->words[i];

        if (compare_first(word->text.data, rest.data) != 0)
            break;
        if (slice_starts(rest, word->text)) {
            *cue = word->cue;
            return word->text.size;
        }
    }
    return 0;
}
