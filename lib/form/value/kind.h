/* The kinds of values. Private to lib/form. */
#ifndef ANAMNESIS_FORM_VALUE_KIND_H
#define ANAMNESIS_FORM_VALUE_KIND_H

/*
 * Kinds of value[x] that answers, options and conditions may have (FHIR R4, Questionnaire.item.answerOption
 * and QuestionnaireResponse.item.answer). Bits, so that an item can take several; where a function takes an
 * enum form_kind it means one of them, where it takes an unsigned it means any. Compiled forms hold them.
 */
enum form_kind {
    FORM_KIND_NONE = 0,
    FORM_KIND_BOOLEAN = 1,
    FORM_KIND_DECIMAL = 2,
    FORM_KIND_INTEGER = 4,
    FORM_KIND_DATE = 8,
    FORM_KIND_DATE_TIME = 16,
    FORM_KIND_TIME = 32,
    FORM_KIND_STRING = 64,
    FORM_KIND_URI = 128,
    FORM_KIND_CODING = 256,
    FORM_KIND_ATTACHMENT = 512,
    FORM_KIND_REFERENCE = 1024,
    FORM_KIND_QUANTITY = 2048,
    FORM_KIND_ANY = 4095
};

#endif
