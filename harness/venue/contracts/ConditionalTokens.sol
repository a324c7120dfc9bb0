// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CTF} from "./Addresses.sol";

/// The real ConditionalTokens contract, as far as the contracts beside it call it.
interface IConditionalTokens {
    function balanceOf(address owner, uint256 id) external view returns (uint256);
    function safeBatchTransferFrom(
        address from,
        address to,
        uint256[] calldata ids,
        uint256[] calldata values,
        bytes calldata data
    ) external;
    function splitPosition(
        address collateral,
        bytes32 parentCollection,
        bytes32 condition,
        uint256[] calldata partition,
        uint256 amount
    ) external;
    function mergePositions(
        address collateral,
        bytes32 parentCollection,
        bytes32 condition,
        uint256[] calldata partition,
        uint256 amount
    ) external;
    function redeemPositions(
        address collateral,
        bytes32 parentCollection,
        bytes32 condition,
        uint256[] calldata indexSets
    ) external;
    function prepareCondition(address oracle, bytes32 question, uint256 outcomes) external;
    function reportPayouts(bytes32 question, uint256[] calldata payouts) external;
    function getConditionId(address oracle, bytes32 question, uint256 outcomes) external pure returns (bytes32);
    function getCollectionId(bytes32 parent, bytes32 condition, uint256 indexSet) external view returns (bytes32);
    function getPositionId(address collateral, bytes32 collection) external pure returns (uint256);
}

/// Yes and no of one condition, as ConditionalTokens counts them: the ids are asked of it.
abstract contract Binary {
    IConditionalTokens internal constant TOKENS = IConditionalTokens(CTF);
    bytes32 internal constant ROOT = bytes32(0);
    uint256 internal constant YES = 1;
    uint256 internal constant NO = 2;

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(address, address, uint256[] calldata, uint256[] calldata, bytes calldata)
        external
        pure
        returns (bytes4)
    {
        return this.onERC1155BatchReceived.selector;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x4e2312e0; // ERC-165, and the receiver of ERC-1155
    }

    function _position(address collateral, bytes32 condition, uint256 indexSet) internal view returns (uint256) {
        return TOKENS.getPositionId(collateral, TOKENS.getCollectionId(ROOT, condition, indexSet));
    }

    function _positions(address collateral, bytes32 condition) internal view returns (uint256[] memory) {
        return _pair(_position(collateral, condition, YES), _position(collateral, condition, NO));
    }

    function _partition() internal pure returns (uint256[] memory) {
        return _pair(YES, NO);
    }

    function _pair(uint256 first, uint256 second) internal pure returns (uint256[] memory both) {
        both = new uint256[](2);
        both[0] = first;
        both[1] = second;
    }

    function _each(uint256 count, uint256 amount) internal pure returns (uint256[] memory amounts) {
        amounts = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            amounts[i] = amount;
        }
    }

    function _holding(address owner, uint256[] memory ids) internal view returns (uint256[] memory held) {
        held = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            held[i] = TOKENS.balanceOf(owner, ids[i]);
        }
    }
}
