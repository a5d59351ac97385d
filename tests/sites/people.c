#include "tests/sites/people.h"

#include <stdio.h>

static const char *const surnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
    "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧",
    "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾",
    "丁", "魏", "薛", "叶", "阎", "余", "潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜",
    "范", "方", "石", "姚", "谭", "廖", "邹", "熊", "金", "陆", "郝", "孔", "白", "崔", "康",
    "毛", "邱", "秦", "江", "史", "顾", "侯", "邵", "孟", "龙", "万", "段", "雷", "钱", "汤"};

static const char *const given[] = {
    "伟",   "强",   "磊",   "军",   "勇",   "杰",   "涛",   "明",   "超",   "平",   "刚",
    "辉",   "鹏",   "华",   "飞",   "鑫",   "波",   "斌",   "宇",   "浩",   "凯",   "健",
    "俊",   "帆",   "帅",   "旭",   "宁",   "龙",   "林",   "阳",   "建国", "建华", "志强",
    "志明", "国平", "国强", "晓东", "晓明", "文斌", "文杰", "海峰", "海涛", "永康", "永明",
    "玉兰", "玉梅", "秀英", "桂芳", "丽娟", "丽华", "春梅", "红霞", "雪梅", "晓红", "正华",
    "正良", "立新", "立军", "学军", "学文", "家祥", "家明", "德胜", "德明", "庆丰", "庆华",
    "世杰", "世荣", "振华", "振宇", "光明", "光辉", "新民", "为民", "卫东", "卫国", "子健",
    "子豪", "思源", "思远", "天佑", "天明", "长青", "长林", "金龙"};

const char *person_draw(struct random *random, char text[PERSON_SIZE])
{
    const char *surname = surnames[random_below(random, sizeof surnames / sizeof surnames[0])];
    const char *name = given[random_below(random, sizeof given / sizeof given[0])];

    snprintf(text, PERSON_SIZE, "%s%s", surname, name);
    return text;
}

static const struct office principals[] = {
    {"市委书记", false, BODY_PARTY},
    {"市委书记", false, BODY_PARTY},
    {"市委副书记、市长", false, BODY_PARTY},
    {"市委副书记、市长", false, BODY_PARTY},
    {"市长", true, BODY_PARTY},
    {"市人大常委会主任", false, BODY_CONGRESS},
    {"市人大常委会党组书记、主任", false, BODY_CONGRESS},
    {"市政协主席", false, BODY_CONFERENCE},
    {"市政协党组书记、主席", false, BODY_CONFERENCE},
};

static const struct office deputies[] = {
    {"市委副书记", false, BODY_PARTY},
    {"市委常委、常务副市长", false, BODY_PARTY},
    {"市委常委、副市长", false, BODY_PARTY},
    {"副市长", true, BODY_PARTY},
    {"副市长", true, BODY_PARTY},
    {"市委常委、组织部部长", false, BODY_PARTY},
    {"市委常委、宣传部部长", false, BODY_PARTY},
    {"市委常委、秘书长", false, BODY_PARTY},
    {"市人大常委会副主任", false, BODY_CONGRESS},
    {"市政协副主席", false, BODY_CONFERENCE},
    {"市政协副主席、农工党市委会主委", false, BODY_CONFERENCE},
};

static const struct office county_leaders[] = {
    {"~委书记", false, BODY_PARTY},
    {"~委书记", false, BODY_PARTY},
    {"~委副书记、~长", false, BODY_PARTY},
    {"~长", true, BODY_PARTY},
    {"~委常委、常务副~长", false, BODY_PARTY},
    {"副~长", true, BODY_PARTY},
    {"副~长", true, BODY_PARTY},
    {"~委副书记", false, BODY_PARTY},
    {"~人大常委会主任", false, BODY_CONGRESS},
    {"~人大常委会副主任", false, BODY_CONGRESS},
    {"~政协主席", false, BODY_CONFERENCE},
    {"~政协副主席", false, BODY_CONFERENCE},
};

struct office office_draw(enum level level, struct random *random)
{
    if (level == LEVEL_PRINCIPAL)
        return principals[random_below(random, sizeof principals / sizeof principals[0])];
    if (level == LEVEL_DEPUTY)
        return deputies[random_below(random, sizeof deputies / sizeof deputies[0])];
    return county_leaders[random_below(random, sizeof county_leaders / sizeof county_leaders[0])];
}
