use super::*;

#[test]
fn short_values_are_the_known_ones() {
    let known: [(&str, u32); 9] = [
        ("", 0xDC56_D17A),
        ("a", 0x3C97_3D4D),
        ("he", 0x5713_EE94),
        ("echo", 0x20FE_CEBD),
        ("head", 0x81B1_1F67),
        ("hello", 0x7996_9366),
        (" world", 0x7250_4B47),
        ("123456789", 0xF88E_CA50),
        ("hello world", 0x19A7_581A),
    ];
    for (text, value) in known {
        assert_eq!(fingerprint32(text.as_bytes()), value, "{text}");
    }
}

#[test]
fn bytes_over_127_count_as_negative_in_short_input() {
    let known: [(&[u8], u32); 6] = [
        (&[0x80], 0x2FC8_696B),
        (&[0xFF], 0x1D89_FECE),
        (&[0x80, 0xFF], 0x0881_80C7),
        (&[0xFF, 0xFE, 0xFD], 0x59CE_A0E9),
        (&[0x80, 0x81, 0x82, 0x83], 0xE842_EEC7),
        ("aé".as_bytes(), 0xAA6B_B651),
    ];
    for (bytes, value) in known {
        assert_eq!(fingerprint32(bytes), value, "{bytes:?}");
    }
}

/// Values of the reference implementation in C++ for 0, 7, 14, 21, … modulo 256.
#[test]
fn values_around_every_change_of_method_are_the_known_ones() {
    let known: [(usize, u32); 18] = [
        (4, 0x8EC1_B73F),
        (5, 0x042E_5728),
        (8, 0x08B2_1864),
        (12, 0x7D4D_C6C8),
        (13, 0xF7E3_1044),
        (16, 0x87F6_FC36),
        (17, 0x3D30_1717),
        (20, 0x273A_6ABD),
        (24, 0xED5E_3D50),
        (25, 0xE8AE_A99D),
        (40, 0xAF04_16C3),
        (41, 0x6A28_459B),
        (44, 0x3D64_9A17),
        (45, 0x99DD_1EEA),
        (60, 0xDA1B_936F),
        (61, 0x019A_66DA),
        (100, 0xAC9F_DB2D),
        (1000, 0x2BCD_21C9),
    ];
    let bytes: alloc::vec::Vec<u8> = (0..1000_u32).map(|n| (n * 7).to_le_bytes()[0]).collect();
    for (len, value) in known {
        assert_eq!(fingerprint32(&bytes[..len]), value, "{len} bytes");
    }
}
