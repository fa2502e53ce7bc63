/* How two values compare. Private to lib/form. */
#ifndef ANAMNESIS_FORM_VALUE_ORDER_H
#define ANAMNESIS_FORM_VALUE_ORDER_H

/* Two values compared: neither, when they are of another precision or unit. */
enum value_order { VALUE_LESS, VALUE_SAME, VALUE_MORE, VALUE_UNKNOWN };

#endif
