//! A perfect hash of pairs to tokens: every key has its own slot, found with one displacement per bucket.
//!
//! The tag in a slot holds what the slot's place does not already say about the key, so a lookup is exact without storing
//! the key (see the README for the drawing).

use crate::layout::{self, Place, SLOT_BYTES, TAG_BITS};

/// Four hundredths more slots than keys, so that the last buckets find a place quickly.
const SLACK: usize = 25;

/// Multipliers to try; two or three are needed.
const TRIES: u32 = 50;

pub struct Hashed {
    pub id_bits: u32,
    pub bucket_bits: u32,
    pub multiplier: u64,
    pub slot_count: u32,
    pub buckets: Vec<u8>,
    pub slots: Vec<u8>,
}

/// `pairs` are (left, right, value).
pub fn build(pairs: &[(u32, u32, u32)], ids: u32) -> Hashed {
    let id_bits = 32 - (ids - 1).leading_zeros();
    // About three keys per bucket.
    let bucket_bits = (pairs.len() / 3).ilog2();
    let slot_count = (pairs.len() + pairs.len() / SLACK) as u32;
    let mut multiplier = 0x9E37_79B9_7F4A_7C15u64;
    for _ in 0..TRIES {
        let places: Vec<Place> = pairs
            .iter()
            .map(|&(left, right, _)| layout::place(left, right, id_bits, bucket_bits, multiplier))
            .collect();
        if let Some(displacements) = displace(&places, bucket_bits, slot_count) {
            let (buckets, slots) = lay_out(pairs, &places, &displacements, bucket_bits, slot_count);
            return Hashed { id_bits, bucket_bits, multiplier, slot_count, buckets, slots };
        }
        multiplier = multiplier.wrapping_mul(0xD129_0D3B_3F2B_0C2D) | 1;
    }
    panic!("no multiplier of {TRIES} places all pairs");
}

fn slot_of(place: Place, displacement: u32, slot_count: u32) -> usize {
    ((place.rest % slot_count + displacement) % slot_count) as usize
}

/// One displacement per bucket such that no two keys meet; fullest buckets first. None if a bucket finds no place.
fn displace(places: &[Place], bucket_bits: u32, slot_count: u32) -> Option<Vec<u16>> {
    let mut members: Vec<Vec<Place>> = vec![Vec::new(); 1 << bucket_bits];
    for &place in places {
        members[place.bucket as usize].push(place);
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&bucket| std::cmp::Reverse(members[bucket].len()));
    let mut taken = vec![false; slot_count as usize];
    let mut displacements = vec![0u16; members.len()];
    for bucket in order {
        let keys = &members[bucket];
        let bases: Vec<u32> = keys.iter().map(|place| place.rest % slot_count).collect();
        if bases.iter().enumerate().any(|(at, base)| bases[..at].contains(base)) {
            return None;
        }
        // Starting elsewhere for each bucket keeps the free slots spread.
        let start = (bucket as u32).wrapping_mul(0x9E37_79B1) >> 16;
        let found = (0..=u16::MAX).map(|step| step.wrapping_add(start as u16)).find(|&displacement| {
            keys.iter().all(|&place| !taken[slot_of(place, u32::from(displacement), slot_count)])
        })?;
        for &place in keys {
            taken[slot_of(place, u32::from(found), slot_count)] = true;
        }
        displacements[bucket] = found;
    }
    Some(displacements)
}

fn lay_out(
    pairs: &[(u32, u32, u32)],
    places: &[Place],
    displacements: &[u16],
    bucket_bits: u32,
    slot_count: u32,
) -> (Vec<u8>, Vec<u8>) {
    let mut buckets: Vec<u32> = displacements.iter().map(|&displacement| u32::from(displacement)).collect();
    // Three bytes more, so that the last slot can be read as eight.
    let mut slots = vec![0xFF; slot_count as usize * SLOT_BYTES + 3];
    for (&place, &(_, _, value)) in places.iter().zip(pairs) {
        let bucket = place.bucket as usize;
        buckets[bucket] |= layout::presence(place.rest);
        let tag = (place.rest / slot_count) << bucket_bits | place.bucket;
        assert!(tag < 1 << TAG_BITS && value < layout::NONE, "a slot holds 20 + 20 bits");
        let slot = slot_of(place, u32::from(displacements[bucket]), slot_count);
        let bytes = (u64::from(value) << TAG_BITS | u64::from(tag)).to_le_bytes();
        slots[slot * SLOT_BYTES..][..SLOT_BYTES].copy_from_slice(&bytes[..SLOT_BYTES]);
    }
    (buckets.into_iter().flat_map(u32::to_le_bytes).collect(), slots)
}
