/*
 * cues: the small words that tell who goes where: 赴, 来, 率队, 陪同, 我市, commas.
 *
 * Table     cues.c lists every word with its kind. The longest word at a place wins, so words that
 *           merely contain a cue (未来, 达到, 效率) stand in the table as CUE_NONE.
 * Meaning   A kind says which part a word plays in a clause; study/trip.h puts the parts together.
 * Cost      One look-up by the first character, then a few comparisons.
 * Threads   No state; the table is constant.
 */
#ifndef XUNFANG_STUDY_CUES_H
#define XUNFANG_STUDY_CUES_H

#include "base/util/slice.h"

enum cue {
    CUE_NONE,    /* a word that only looks like a cue */
    CUE_GO,      /* 赴 前往 到 抵达: where they go stands behind */
    CUE_COME,    /* 来 前来 来访: to the speaker, or to the place behind */
    CUE_AT,      /* 在: with a place and a verb of visiting */
    CUE_VISIT,   /* 考察 参观 走访: may take a place as its object */
    CUE_TALK,    /* 学习 交流 座谈 签约: what one does there */
    CUE_GROUP,   /* 代表团 一行 …: these travel */
    CUE_LEAD,    /* 率队 带领 …: who stands before it travels, with whom stands behind */
    CUE_RECEIVE, /* 会见 接待 欢迎: hosts before it, guests behind */
    CUE_ESCORT,  /* 陪同: hosts before it */
    CUE_INVITE,  /* 应…邀请: the place before it is no traveller */
    CUE_MEET,    /* 举行 召开 */
    CUE_OTHER,   /* not a city's government: 公司 商会 大学 香港 … */
    CUE_HIGHER,  /* above a city: 省委 厅 国务院 … */
    CUE_OWN,     /* 我市 我县 我局 本市: the speaker */
    CUE_WIDE,    /* 等地 多地: the list goes on */
    CUE_REMOTE,  /* 视频会议 线上: nobody travels */
    CUE_PLAN,    /* 将于 拟 启程: not yet */
    CUE_MEDIA,   /* 日报 网讯: the place before it is a newspaper's */
    CUE_PAST,    /* 此前 曾: another journey than this one */
    CUE_BOTH,    /* 两地 两市: the places before it are both sides */
    CUE_LIST,    /* 、 和 与: joins places */
    CUE_BREAK,   /* comma, colon, blank */
    CUE_STOP     /* end of a sentence */
};

struct cues;

/* NULL when memory is out. */
struct cues *cues_create(void);
/* NULL is fine. */
void cues_destroy(struct cues *cues);
/* The longest word that begins at text[offset] (a character boundary): its bytes, 0 if none. */
size_t cue_at(const struct cues *cues, struct slice text, size_t offset, enum cue *cue);

#endif
