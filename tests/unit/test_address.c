/* lib/base/address: what limits count. */
#include "lib/base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above before it */
#include <cmocka.h>
#include <string.h>

static void
addresses_have_one_form_by_which_they_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *network;
        const char *site;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:201", "192.0.2.1", "192.0.2.1"},
        {"2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"},
        {"2001:db8:1:2::", "2001:db8:1:2::/64", "2001:db8:1::/48"},
        {"2001:0db8:0001:0003:ffff:ffff:ffff:ffff", "2001:db8:1:3::/64", "2001:db8:1::/48"},
        {"2001:db8:ffff:ffff::1", "2001:db8:ffff:ffff::/64", "2001:db8:ffff::/48"},
        {"fe80::1%eth0", "fe80::/64", "fe80::/48"},
        {"::1", "::/64", "::/48"},
        {"64:ff9b::192.0.2.1", "64:ff9b::/64", "64:ff9b::/48"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        char text[ADDRESS_TEXT_SIZE];
        assert_true(address_parse(cases[i].text, &address));
        assert_string_equal(address_prefix(&address, ADDRESS_NETWORK_BITS, text), cases[i].network);
        assert_string_equal(address_prefix(&address, ADDRESS_SITE_BITS, text), cases[i].site);
    }
}

/* Whatever the bits behind it are, and whichever of them a caller changes. */
static void
every_address_of_a_network_is_counted_as_one(void **state)
{
    (void)state;
    struct address address = {.is_ipv6 = true, .bytes = {0x20, 0x01, 0x0d, 0xb8, 0xa5, 0x5a, 0xff, 0x01}};
    for (int bit = 0; bit < 128; bit++) {
        char before[ADDRESS_TEXT_SIZE];
        char after[ADDRESS_TEXT_SIZE];
        struct address other = address;
        other.bytes[bit / 8] ^= (unsigned char)(0x80 >> bit % 8);
        (void)address_prefix(&address, ADDRESS_NETWORK_BITS, before);
        (void)address_prefix(&other, ADDRESS_NETWORK_BITS, after);
        assert_int_equal(strcmp(before, after) == 0, bit >= ADDRESS_NETWORK_BITS);
        (void)address_prefix(&address, ADDRESS_SITE_BITS, before);
        (void)address_prefix(&other, ADDRESS_SITE_BITS, after);
        assert_int_equal(strcmp(before, after) == 0, bit >= ADDRESS_SITE_BITS);
    }
}

static void
what_is_no_address_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "%",
                                      "unix:",
                                      "localhost",
                                      "192.0.2",
                                      "192.0.2.256",
                                      "192.0.2.1%eth0",
                                      "1:2:3:4:5:6:7:8:9",
                                      "[::1]",
                                      "2001:db8::/64",
                                      " ::1",
                                      "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"};
    struct address address;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(address_parse(bad[i], &address));
    }
    assert_false(address_parse(NULL, &address));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_have_one_form_by_which_they_are_counted),
        cmocka_unit_test(every_address_of_a_network_is_counted_as_one),
        cmocka_unit_test(what_is_no_address_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
