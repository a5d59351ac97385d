#include "study/lexicon.h"

static const char *const groups[LEXICON_GROUPS] = {
    /* public services */
    "教育 学校 教师 医疗 医院 卫生 健康 养老 民政 社会保障 人社 就业 人力资源 劳务 医保 社保 文旅 "
    "文化 "
    "旅游 体育 博物馆 图书馆 文物 残疾 妇联 退役军人 双拥 帮扶 扶贫 脱贫 对口支援 公积金 慈善 "
    "红十字 "
    "疾控 殡葬 公共服务 民生 助残 儿童 非遗 景区 美术 方志 文艺",
    /* economic development */
    "经济 产业 招商 投资 企业 项目 园区 工业 制造 农业 商务 贸易 发改 科技 科创 创新 金融 数字经济 "
    "新能源 高质量发展 乡村振兴 农村 电商 物流 开发区 高新区 商会 工商联 双招双引 供应链 市场采购 "
    "专业市场 党政代表团 党政考察团 现代农业 营商环境 港口 农产品 经贸",
    /* politics and party building */
    "党建 政协 人大 党校 组织部 宣传部 统战 纪委 监委 巡察 政研室 党史 侨联 团市委 工会 共青团 "
    "干部 "
    "民主协商 提案 代表工作 委员 立法 履职 精神文明 文明城市 民主党派 编办 机关党 老干部 意识形态",
    /* social governance */
    "公安 警务 政法 综治 司法 信访 社会治理 网格 平安 应急 消防 安全生产 法院 检察 矛盾 调解 社区 "
    "禁毒 反诈 派出所 行政复议 普法 人民防空 基层治理 志愿 物业 文明创建 法治 治安 社会工作 监狱",
    /* government operation */
    "行政审批 政务服务 档案 机关事务 统计 审计 财政 大数据 数据资源 放管服 编制 公务 办事 政务公开 "
    "地方志 史志 信息公开 公共资源交易 预算 国资 接待办 驻京 政府采购 绩效 政务 数字档案 督查 税务 "
    "年鉴 不见面审批 一网通办",
    /* urban construction */
    "城市建设 城建 住建 规划 城市更新 老旧小区 城管 城市管理 交通 轨道 公路 铁路 高铁 园林 绿化 "
    "水务 "
    "海绵城市 房产 建筑 市容 环卫 停车 棚改 供水 排水 市政 基础设施 机场 国土 历史文化街区 "
    "综合执法 "
    "地铁 城市规划 建设局 城镇化 智慧城市 港航 内涝",
    /* market regulation */
    "市场监管 工商局 质监 食品安全 药监 食药 知识产权 消费维权 消费者 计量 标准化 特种设备 "
    "广告监管 "
    "市场监督 质量技术 价格监管 食品 餐饮 专利 商标 放心消费 质量强",
    /* ecology and environment */
    "生态环境 环保 环境保护 污染 治水 水环境 大气 林业 湿地 绿色发展 生态 垃圾分类 河长 水利 碳 "
    "森林 美丽乡村 长江大保护 节能 海绵 水生态 流域 治污 环境整治 蓝天 太湖治理 污水",
    /* cooperation */
    "合作 协作 签约 签订 签署 协议 洽谈 招商 对接 结对 帮扶 共建 携手 联动 一体化 共赢 互补 "
    "友好城市 "
    "支援 共商 推介 深化合作 战略合作 合作协议 互利 优势互补 资源共享 挂钩 投资 项目合作 联席会议 "
    "拓展 共同发展 协同",
    /* learning */
    "学习 取经 借鉴 经验 交流 参观 观摩 考察 做法 调研 互学互鉴 取长补短 了解 听取 标杆 启发 "
    "值得学 "
    "先进 对标 探讨"};

static size_t count_word(struct slice word, struct slice text)
{
    size_t count = 0;

    for (;;) {
        size_t at = slice_find(text, word);

        /* Bounded here too, so that a text of one repeated word costs no more than another. */
        if (at >= text.size || count >= LEXICON_COUNT_MAX)
            return count;
        count++;
        text = slice_sub(text, at + word.size, text.size);
    }
}

size_t lexicon_count(size_t group, struct slice text)
{
    struct slice words = slice_from(groups[group]);
    size_t count = 0;

    while (words.data != NULL) {
        struct slice word = slice_split(&words, ' ');

        if (word.size > 0)
            count += count_word(word, text);
    }
    return count < LEXICON_COUNT_MAX ? count : LEXICON_COUNT_MAX;
}
