/* language.c - see language.h. */
#include "parsers/postgres/language.h"

/* How "duration: %s ms" and "statement: %s" begin in German, Spanish, French, Italian, Japanese,
 * Korean, Russian, Swedish, Ukrainian, Chinese and Georgian. */
static const char *const openings[] = {
    "Dauer: ",        "Anweisung: ",
    "duración: ",     "sentencia: ",
    "durée : ",       "instruction : ",
    "durata: ",       "istruzione: ",
    "期間: ",         "文: ",
    "실행시간: ",     "수행시간: ",
    "명령 구문: ",    "продолжительность: ",
    "оператор: ",     "varaktighet",
    "sats: ",         "тривалість: ",
    "执行时间: ",     "语句: ",
    "ხანგრძლივობა: ", "ოპერატორი: ",
};

bool language_is_foreign(slice message)
{
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (message.n > 0 && message.p[0] == openings[i][0] &&
            slice_starts_with(message, slice_from(openings[i]))) {
            return true;
        }
    }
    return false;
}
